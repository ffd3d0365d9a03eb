/** A clock that is moved by hand, and knows who has waited for it. Its random numbers are all the same. */
import type { Timer } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";

export class HandClock extends FakeClock {
  /** How long the timers were, in the order of their setting. */
  readonly timers: number[] = [];
  #arrived: (() => void)[] = [];

  override random(): number {
    return 0.5;
  }

  override setTimer(fn: () => void, delayMs: number): Timer {
    this.timers.push(delayMs);
    for (const resolve of this.#arrived.splice(0)) resolve();
    return super.setTimer(fn, delayMs);
  }

  /** Resolves when someone has begun to wait for so long, for the `times`-th time. */
  async waited(delayMs: number, times: number): Promise<void> {
    while (this.timers.filter((ms) => ms === delayMs).length < times) {
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
  }
}

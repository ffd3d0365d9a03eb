/** A clock that is moved by hand, and knows what is waiting for it. Its random numbers are all the same. */
import type { Timer } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";

export class HandClock extends FakeClock {
  /** How long the timers are that have been set and are not over, in the order of their setting. */
  readonly waiting: number[] = [];
  #arrived: (() => void)[] = [];

  override random(): number {
    return 0.5;
  }

  override setTimer(fn: () => void, delayMs: number): Timer {
    this.waiting.push(delayMs);
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.waiting.splice(this.waiting.indexOf(delayMs), 1);
      isOver = true;
    };
    const timer = super.setTimer(() => {
      end();
      fn();
    }, delayMs);
    for (const resolve of this.#arrived.splice(0)) resolve();
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }

  /** Resolves when someone waits for so long. */
  async timer(delayMs: number): Promise<void> {
    while (!this.waiting.includes(delayMs)) await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }
}

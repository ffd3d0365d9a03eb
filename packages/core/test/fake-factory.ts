/**
 * A factory for the pool's tests: numbered connections whose making, trying and unmaking a test directs.
 *
 * Owns the census: every connection is live, destroyed or detached, and destroying one twice or one that it never made
 * is an error that the test sees.
 */
import type { MaybePromise } from "../src/async.ts";
import type { Clock } from "../src/clock.ts";
import type { ResourceFactory } from "../src/pool/resource-factory.ts";

/** A connection to nowhere. */
export interface FakeConnection {
  readonly id: number;
  broken: boolean;
}

/** How a call behaves: at once, after some milliseconds, never, or by failing at once or later. */
export type Behaviour = "at once" | "fails at once" | "hangs" | { readonly afterMs: number; readonly fails?: boolean };

/** Makes `FakeConnection`s; each `on…` says how the next calls behave. */
export class FakeFactory implements ResourceFactory<FakeConnection> {
  onCreate: () => Behaviour = () => "at once";
  onValidate: () => Behaviour = () => "at once";
  onReset: () => Behaviour = () => "at once";
  onDestroy: () => Behaviour = () => "at once";
  readonly live: Set<FakeConnection> = new Set();
  readonly mistakes: string[] = [];
  creates = 0;
  validates = 0;
  resets = 0;
  #nextId = 1;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(signal: AbortSignal): MaybePromise<FakeConnection> {
    this.creates++;
    return this.#behave(
      this.onCreate(),
      () => {
        const connection = { id: this.#nextId++, broken: false };
        this.live.add(connection);
        return connection;
      },
      signal,
    );
  }

  destroy(connection: FakeConnection): MaybePromise<void> {
    if (!this.live.delete(connection)) this.mistakes.push(`connection ${connection.id} destroyed twice`);
    return this.#behave(this.onDestroy(), () => undefined, undefined);
  }

  validate(connection: FakeConnection, signal: AbortSignal): MaybePromise<boolean> {
    this.validates++;
    return this.#behave(this.onValidate(), () => this.live.has(connection) && !connection.broken, signal);
  }

  reset(_connection: FakeConnection): MaybePromise<boolean> {
    this.resets++;
    return this.#behave(this.onReset(), () => true, undefined);
  }

  isBroken(connection: FakeConnection): boolean {
    return connection.broken;
  }

  #behave<T>(behaviour: Behaviour, make: () => T, signal: AbortSignal | undefined): MaybePromise<T> {
    const failure = new Error("the server is away");
    if (behaviour === "at once") return make();
    if (behaviour === "fails at once") return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      const timer =
        behaviour === "hangs"
          ? undefined
          : this.#clock.setTimer(() => {
              if (behaviour.fails === true) reject(failure);
              else resolve(make());
            }, behaviour.afterMs);
      signal?.addEventListener("abort", () => {
        timer?.cancel();
        reject(signal.reason);
      });
    });
  }
}

/**
 * One direction of a connection. What arrives leaves in the same order, late by the latency, and not at all while the
 * lane is held. An end or a reset of the sender waits its turn like data.
 */

/** What can arrive. */
export type Arrival = Uint8Array | "end" | "reset";

/** What applies at the moment. */
export interface LaneConditions {
  readonly delayMs: number;
  readonly isHeld: boolean;
}

export class Lane {
  readonly #conditions: LaneConditions;
  readonly #deliver: (arrival: Arrival) => void;
  readonly #waiting: { readonly arrival: Arrival; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(conditions: LaneConditions, deliver: (arrival: Arrival) => void) {
    this.#conditions = conditions;
    this.#deliver = deliver;
  }

  push(arrival: Arrival): void {
    this.#waiting.push({ arrival, dueMs: performance.now() + this.#conditions.delayMs });
    this.flush();
  }

  /** Delivers what is due. To be called when the lane is no longer held. */
  flush(): void {
    clearTimeout(this.#timer);
    while (!this.#conditions.isHeld) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      const restMs = next.dueMs - performance.now();
      if (restMs > 0) {
        this.#timer = setTimeout(() => this.flush(), Math.ceil(restMs));
        return;
      }
      this.#waiting.shift();
      this.#deliver(next.arrival);
    }
  }

  /** Forgets what has not been delivered. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }
}

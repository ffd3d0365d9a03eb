/**
 * The limit on how long a server may leave a statement without an answer. When it is over, the connection is destroyed:
 * nothing else ends the wait for a server that is frozen, or for a network that has swallowed the answer.
 */

/** Watches one connection, which has one statement under way at a time. */
export class AnswerLimit {
  readonly #timeoutMs: number;
  readonly #destroy: () => void;
  #isOver = false;

  /** @param timeoutMs in milliseconds, or `Infinity` */
  constructor(timeoutMs: number, destroy: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#destroy = destroy;
  }

  /** Whether the limit was reached, and the connection destroyed. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** In words, for a message. */
  get description(): string {
    return `no answer within ${this.#timeoutMs} ms`;
  }

  /** Settles like `answer`, for which the limit holds. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    if (this.#timeoutMs === Number.POSITIVE_INFINITY) return await answer;
    const timer = setTimeout(() => {
      this.#isOver = true;
      this.#destroy();
    }, this.#timeoutMs);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * How many bytes of bodies may be in memory at once, over all requests: beyond it a client waits, not the server's memory.
 *
 * A body counts from before it is read until its share is disposed of. What a share has taken never exceeds what is left,
 * so that small bodies still fit where a large one does not.
 */
import { HttpError } from "../http/http-error.ts";

const RETRY_AFTER_S = "1";

/** The budget of one app. */
export class BodyBudget {
  readonly #maxBytes: number;
  #takenBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The share of one request, which has nothing yet. */
  share(): BodyShare {
    let ownBytes = 0;
    return {
      take: (bytes) => {
        if (bytes > this.#maxBytes - this.#takenBytes) throw this.#full();
        this.#takenBytes += bytes;
        ownBytes += bytes;
      },
      [Symbol.dispose]: () => {
        this.#takenBytes -= ownBytes;
        ownBytes = 0;
      },
    };
  }

  /** Without `connection: close` the rest of the body would have to be read. */
  #full(): HttpError {
    const text = `bodies of ${this.#takenBytes} bytes are under way, of at most ${this.#maxBytes}; try again`;
    return new HttpError(503, "QUEUE_FULL", text, { "retry-after": RETRY_AFTER_S, connection: "close" });
  }
}

/** What one request has taken of the budget; disposing of it gives everything back. */
export interface BodyShare extends Disposable {
  /** @throws HttpError 503 `QUEUE_FULL` */
  take(bytes: number): void;
}

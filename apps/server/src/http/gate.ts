/** How many requests of a kind may be under way at once: those beyond are told to come back, not queued. */
import { HttpError } from "./http-error.ts";

/** Counts requests in and out. */
export class Gate {
  readonly #what: string;
  readonly #most: number;
  #inside = 0;

  /** @param what names the requests in messages, in the plural: `exports` */
  constructor(what: string, most: number) {
    this.#what = what;
    this.#most = most;
  }

  get inside(): number {
    return this.#inside;
  }

  /**
   * Lets a request in; disposing of what is returned lets it out, once.
   *
   * @throws HttpError 503 `TOO_MANY_REQUESTS_UNDER_WAY`
   */
  enter(): Disposable {
    if (this.#inside >= this.#most) {
      const text = `${this.#inside} ${this.#what} are under way, which is the most; try again`;
      throw new HttpError(503, "TOO_MANY_REQUESTS_UNDER_WAY", text, { "retry-after": "1" });
    }
    this.#inside++;
    let isIn = true;
    return {
      [Symbol.dispose]: () => {
        if (isIn) this.#inside--;
        isIn = false;
      },
    };
  }
}

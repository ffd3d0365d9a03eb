/**
 * Asks a question about a resource (does it still work, could it be reset) with a limit on how long the answer may take.
 *
 * The answer is given exactly once: yes, no, an error, or the limit, whichever is first; a later one is ignored. An
 * answer that is there at once costs no timer and no promise.
 */
import type { MaybePromise } from "../async.ts";
import type { Clock, Timer } from "../clock.ts";
import { TelepoolError } from "../errors.ts";

/** Whether `value` has to be waited for. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return value !== null && typeof value === "object" && typeof (value as { then?: unknown }).then === "function"; // only looked at
}

/** A question that has no answer yet. */
export class Check {
  readonly #controller: AbortController = new AbortController();
  #answer: ((ok: boolean, error: unknown) => void) | undefined;
  #timer: Timer | undefined;

  constructor(answer: (ok: boolean, error: unknown) => void) {
    this.#answer = answer;
  }

  /** Asks. `false` and a rejection are a no, everything else is a yes. */
  ask(question: (signal: AbortSignal) => MaybePromise<unknown>, timeoutMs: number, clock: Clock): void {
    let reply: MaybePromise<unknown>;
    try {
      reply = question(this.#controller.signal);
    } catch (error) {
      this.#settle(false, error);
      return;
    }
    if (!isPromiseLike(reply)) {
      this.#settle(reply !== false, undefined);
      return;
    }
    this.#timer = clock.setTimer(() => {
      this.cancel(new TelepoolError("CONNECTION_LOST", `the resource gave no sign of life within ${timeoutMs} ms`));
    }, timeoutMs);
    reply.then(
      (ok) => this.#settle(ok !== false, undefined),
      (error: unknown) => this.#settle(false, error),
    );
  }

  /** Answers no and aborts the question's signal. */
  cancel(error: unknown): void {
    this.#settle(false, error);
    this.#controller.abort(error);
  }

  #settle(ok: boolean, error: unknown): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    this.#timer?.cancel();
    answer(ok, error);
  }
}

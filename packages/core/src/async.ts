import { abortedError } from "./errors.ts";

/** A value that is there already, or will be: synchronous drivers answer without a promise. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Settles like `result`, or rejects at once with `ABORTED` when `signal` fires. */
export function untilAborted<T>(result: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedError(signal, what));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

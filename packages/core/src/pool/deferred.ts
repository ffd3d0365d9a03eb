/**
 * A promise that is settled from outside; `Promise.withResolvers`, which Node has from version 22 only.
 */

/** A promise with its two ends. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T | PromiseLike<T>) => void; // the executor below runs within the constructor
  reject!: (error: unknown) => void; // likewise

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

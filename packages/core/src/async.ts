/** A value that is there already, or will be: synchronous drivers answer without a promise. */
export type MaybePromise<T> = T | PromiseLike<T>;

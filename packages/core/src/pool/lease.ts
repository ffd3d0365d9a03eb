/**
 * A lease: the right to one resource until it is given back, exactly once.
 *
 * Refuses a second end: `release`, `destroy` and `detach` throw `LEASE_RELEASED` on a lease that has ended, for the
 * resource may by then belong to somebody else. Only the disposal by `await using` is silent, since it stands at the
 * end of a block in which the lease may have ended already.
 */
import { TelepoolError } from "../errors.ts";
import type { Entry } from "./entry.ts";

/** The pool's side of a lease. */
export interface LeaseOwner<R> {
  giveBack(entry: Entry<R>): void;
  destroy(entry: Entry<R>, reason: unknown): void;
  detach(entry: Entry<R>): void;
}

const disposed: Promise<void> = Promise.resolve();

/** A borrowed resource. Get one from `pool.acquire()`, best with `await using`. */
export class Lease<R> implements AsyncDisposable {
  readonly resource: R;
  readonly #owner: LeaseOwner<R>;
  #entry: Entry<R> | undefined;

  constructor(entry: Entry<R>, owner: LeaseOwner<R>) {
    this.resource = entry.resource;
    this.#entry = entry;
    this.#owner = owner;
  }

  /** Whether the lease has ended. */
  get released(): boolean {
    return this.#entry === undefined;
  }

  /** Gives the resource back. What has to be reset is reset in the background. */
  release(): void {
    this.#owner.giveBack(this.#end());
  }

  /** Ends the lease and has the resource destroyed, for instance because it no longer works; `reason` goes to the event. */
  destroy(reason?: unknown): void {
    this.#owner.destroy(this.#end(), reason);
  }

  /** Takes the resource out of the pool for good: the caller owns it, and the pool may create another one. */
  detach(): R {
    this.#owner.detach(this.#end());
    return this.resource;
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#entry !== undefined) this.release();
    return disposed;
  }

  #end(): Entry<R> {
    const entry = this.#entry;
    if (entry === undefined) {
      throw new TelepoolError("LEASE_RELEASED", "this lease has ended already; its resource may be in other hands");
    }
    this.#entry = undefined;
    return entry;
  }
}

/**
 * Whether resources work: which have to be asked, and the questions that are under way.
 *
 * Owns the counts of running validations and resets. After a validation has failed nobody relies on those in flight
 * until one succeeds: what one idle connection has lost (a server, a route), the others have mostly lost too.
 */
import type { MaybePromise } from "../async.ts";
import type { Clock } from "../clock.ts";
import { Check, isPromiseLike } from "./check.ts";
import type { Entry } from "./entry.ts";
import type { ResolvedPoolOptions } from "./pool-options.ts";
import type { ResourceFactory } from "./resource-factory.ts";

/** Asks resources how they are. */
export class Health<R> {
  /** Whether a resource must be looked at before it is lent. */
  readonly looksBeforeLending: boolean;
  /** Whether anything is to be done when a resource comes back. */
  readonly looksOnReturn: boolean;
  /** Whether the time of a return matters for a later validation. */
  readonly needsReturnTime: boolean;
  readonly resets: boolean;
  readonly #factory: ResourceFactory<R>;
  readonly #options: ResolvedPoolOptions;
  readonly #clock: Clock;
  readonly #validatesIdle: boolean;
  readonly #checks: Set<Check> = new Set();
  #validating = 0;
  #resetting = 0;
  #distrusts = false;

  constructor(factory: ResourceFactory<R>, options: ResolvedPoolOptions, clock: Clock) {
    const never = Number.POSITIVE_INFINITY;
    this.#factory = factory;
    this.#options = options;
    this.#clock = clock;
    this.#validatesIdle = factory.validate !== undefined && options.validateAfterIdleMs !== never;
    this.needsReturnTime = this.#validatesIdle || options.keepaliveMs !== never;
    this.looksBeforeLending = this.#validatesIdle || factory.isBroken !== undefined;
    this.looksOnReturn = factory.reset !== undefined || factory.isBroken !== undefined;
    this.resets = factory.reset !== undefined;
  }

  get validating(): number {
    return this.#validating;
  }

  /** Validations and resets under way. */
  get checking(): number {
    return this.#validating + this.#resetting;
  }

  /** Validations under way that a waiter may count on. */
  get promising(): number {
    return this.#distrusts ? 0 : this.#validating;
  }

  /** A look that throws has found something broken. */
  isBroken(resource: R): boolean {
    try {
      return this.#factory.isBroken?.(resource) === true;
    } catch {
      return true;
    }
  }

  /** Whether an idle resource has to be validated before it is lent. */
  isStale(entry: Entry<R>): boolean {
    return this.#validatesIdle && this.#clock.monotonicMs() - entry.provenMs >= this.#options.validateAfterIdleMs;
  }

  /** Validates; `firstDoubt` says that this is the first failure after a success. */
  validate(entry: Entry<R>, done: (ok: boolean, error: unknown, firstDoubt: boolean) => void): void {
    this.#validating++;
    this.#ask(
      (signal) => this.#factory.validate?.(entry.resource, signal),
      (ok, error) => {
        this.#validating--;
        const firstDoubt = !ok && !this.#distrusts;
        this.#distrusts = !ok;
        if (ok) entry.provenMs = this.#clock.monotonicMs();
        done(ok, error, firstDoubt);
      },
    );
  }

  /** Resets; an answer that is there at once, the usual one of a database in this process, costs one call. */
  reset(entry: Entry<R>, done: (ok: boolean, error: unknown) => void): void {
    this.#resetting++;
    const finish = (ok: boolean, error: unknown) => {
      this.#resetting--;
      done(ok, error);
    };
    let reply: MaybePromise<unknown>;
    try {
      reply = this.#factory.reset?.(entry.resource);
    } catch (error) {
      finish(false, error);
      return;
    }
    if (isPromiseLike(reply)) this.#ask(() => reply, finish);
    else finish(reply !== false, undefined);
  }

  /** Whether trying again cannot mend what a creation failed with; a factory that throws here does not know. */
  isPermanent(error: unknown): boolean {
    try {
      return this.#factory.isPermanent?.(error) === true;
    } catch {
      return false;
    }
  }

  /** Answers every question under way with no. */
  cancelAll(error: unknown): void {
    for (const check of this.#checks) check.cancel(error);
  }

  #ask(question: (signal: AbortSignal) => MaybePromise<unknown>, done: (ok: boolean, error: unknown) => void): void {
    const check = new Check((ok, error) => {
      this.#checks.delete(check);
      done(ok, error);
    });
    this.#checks.add(check);
    check.ask(question, this.#options.validateTimeoutMs, this.#clock);
  }
}

/**
 * Calls beside the queues: each opens the store, has its time taken, and is waited for when the store closes; those that
 * write also when it is flushed.
 */
import { untilAborted } from "./async.ts";
import { checkReadOptions } from "./call-options.ts";
import { type CallContext, type CallTiming, measured, stopwatchFor } from "./call-timing.ts";
import type { Clock } from "./clock.ts";
import { abortedError } from "./errors.ts";
import type { OperationName, OperationTimes } from "./metrics/operation-times.ts";
import type { ReadOptions } from "./store/telemetry-repository.ts";
import { type Opened, type StoreOpening, storeClosedError } from "./store-opening.ts";

/** What the caller gave with a call. */
interface CallOptions extends Pick<CallContext, "signal"> {
  readonly timing?: CallTiming | undefined;
}

/** What a call does once the store is open. */
export type Work<T> = (opened: Opened, context: CallContext) => Promise<T>;

/** What calls work with. */
export interface CallDeps {
  readonly opening: StoreOpening;
  readonly clock: Clock;
  readonly times: OperationTimes;
}

/** The calls of one store. */
export class StoreCalls {
  readonly #deps: CallDeps;
  /** Calls that are at work on the open store. */
  readonly #atWork = new Set<Promise<unknown>>();
  /** Calls that write, also those that wait for the opening. */
  readonly #writes = new Set<Promise<unknown>>();
  #isRefusing = false;

  constructor(deps: CallDeps) {
    this.#deps = deps;
  }

  /** Opens the store, unless it is closing. */
  open(): Promise<Opened> {
    return this.#isRefusing ? Promise.reject(storeClosedError()) : this.#deps.opening.open();
  }

  /** What only reads: its caller is released at once when the signal fires. */
  async read<T>(name: OperationName, work: Work<T>, options: ReadOptions): Promise<T> {
    checkReadOptions(options);
    const { signal } = options;
    const watch = stopwatchFor(options.timing, this.#deps.clock);
    const reading = this.#run(name, work, { signal, watch });
    return await measured(signal === undefined ? reading : untilAborted(reading, signal, "the query"), watch);
  }

  /** What writes. */
  write<T>(name: OperationName, work: Work<T>, options: CallOptions): Promise<T> {
    return tracked(this.run(name, work, options), this.#writes);
  }

  /** What sees to its signal itself. */
  async run<T>(name: OperationName, work: Work<T>, { signal, timing }: CallOptions): Promise<T> {
    const watch = stopwatchFor(timing, this.#deps.clock);
    return await measured(this.#run(name, work, { signal, watch }), watch);
  }

  /** Refuses every call from now on, also those that wait for the opening. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Settles when every call that is at work has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#atWork);
  }

  /** Settles when every call that writes has ended. */
  async written(): Promise<void> {
    await Promise.allSettled(this.#writes);
  }

  async #run<T>(name: OperationName, work: Work<T>, context: CallContext): Promise<T> {
    const { opening, clock, times } = this.#deps;
    const { signal } = context;
    if (signal?.aborted) throw abortedError(signal, "the call");
    const opened = opening.opened ?? (await this.open());
    if (this.#isRefusing) throw storeClosedError();
    const startedMs = clock.monotonicMs();
    const result = await tracked(work(opened, context), this.#atWork);
    times.record(name, clock.monotonicMs() - startedMs);
    return result;
  }
}

/** The promise itself, which is in the set until it settles. */
function tracked<T>(promise: Promise<T>, set: Set<Promise<unknown>>): Promise<T> {
  set.add(promise);
  const forget = () => set.delete(promise);
  promise.then(forget, forget);
  return promise;
}

/**
 * Point reads in batches: keys that are asked for while a query is under way go together in the next one, and a key
 * that several callers want is read once for all of them.
 *
 * The first key leaves at the end of the current microtasks, so a caller that goes alone pays almost nothing. Where a
 * read needs no round trip it is done at once; after some hundred of these in a row the event loop gets a turn.
 * Invariants: every `get` settles exactly once; lookups that wait or are under way never exceed `maxWaiting`.
 */
import { type Stopwatch, sharedWatch, type Watch } from "../call-timing.ts";
import { abortedError, TelepoolError } from "../errors.ts";
import type { LookupQueueOptions } from "./queue-options.ts";

/** What a reader answers that would have to wait: for a round trip, a free connection, or the database to be opened. */
export const NOT_NOW: unique symbol = Symbol("not now");

/** How a queue reads. */
export interface BatchReader<Value> {
  /** Names the queue in messages: `profiles`. */
  readonly name: string;
  /** The values of these distinct keys, in their order; `undefined` where there is none. */
  read(keys: readonly string[], watch: Watch | undefined): Promise<(Value | undefined)[]>;
  /** Reads one key without waiting for anything, or says that it cannot: then nothing was done. */
  readNow(key: string): Value | undefined | typeof NOT_NOW;
  /** How many queries may be under way at the same time; asked anew for each. */
  maxConcurrentBatches(): number;
}

/** How a lookup can be ended early. */
export interface LookupOptions {
  readonly signal?: AbortSignal;
}

/** The state of a lookup queue. */
export interface LookupQueueStats {
  /** Callers whose answer is outstanding. */
  readonly waiting: number;
  readonly batches: number;
  readonly keys: number;
}

interface Caller<Value> {
  readonly watch: Stopwatch | undefined;
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** How many keys are read at once before the event loop gets a turn: about a millisecond's work. */
const MAX_AT_ONCE = 256;

/** Collects keys and reads them in batches. */
export class LookupQueue<Value> {
  readonly #reader: BatchReader<Value>;
  readonly #options: Readonly<Required<LookupQueueOptions>>;
  /** Who wants which key in the next batches, in the order in which keys were first asked for. */
  readonly #pending = new Map<string, Caller<Value>[]>();
  #waiting = 0;
  #inFlight = 0;
  #scheduled = false;
  /** Keys that were read at once since the event loop last had a turn. */
  #atOnce = 0;
  #closedBy: TelepoolError | undefined;
  #closing: Promise<void> | undefined;
  /** Tells `close` that the last lookup has settled. */
  #onDrained: (() => void) | undefined;
  /** Who waits for which query that is under way. */
  readonly #flights = new Set<readonly Caller<Value>[][]>();
  #batches = 0;
  #keys = 0;

  constructor(reader: BatchReader<Value>, options: Readonly<Required<LookupQueueOptions>>) {
    this.#reader = reader;
    this.#options = options;
  }

  /**
   * The value of one key, or `undefined`.
   *
   * @param watch takes the lookup's time
   * @throws TelepoolError `QUEUE_FULL`, `POOL_CLOSED`, `ABORTED`, or what the database said
   */
  get(key: string, options?: LookupOptions, watch?: Stopwatch): Promise<Value | undefined> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.#waiting >= this.#options.maxWaiting) return Promise.reject(this.#fullError());
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(abortedError(signal, "the lookup"));
    if (this.#pending.size === 0 && this.#atOnce < MAX_AT_ONCE) {
      watch?.turnTo("databaseMs");
      const answer = this.#reader.readNow(key);
      if (answer !== NOT_NOW) {
        this.#atOnce++;
        this.#batches++;
        this.#keys++;
        return Promise.resolve(answer);
      }
    }
    watch?.turnTo("queueMs");
    return new Promise((resolve, reject) => {
      const settle = { watch, resolve, reject };
      const caller = signal === undefined ? settle : this.#abortable(key, settle, signal);
      const callers = this.#pending.get(key);
      if (callers === undefined) this.#pending.set(key, [caller]);
      else callers.push(caller);
      this.#waiting++;
      this.#schedule();
    });
  }

  /** Refuses new lookups, answers those that it has accepted, and resolves when the last has settled. */
  close(): Promise<void> {
    this.#closedBy ??= new TelepoolError("POOL_CLOSED", `the ${this.#reader.name} lookups are closed`);
    this.#closing ??= new Promise((resolve) => {
      this.#onDrained = resolve;
      this.#notifyDrained();
    });
    return this.#closing;
  }

  /** Refuses new lookups and rejects all that have not settled, for an owner whose deadline has passed. */
  abandon(error: TelepoolError): void {
    this.#closedBy ??= error;
    for (const callers of [...this.#pending.values(), ...[...this.#flights].flat()]) {
      for (const caller of callers) caller.reject(error);
    }
    for (const callers of this.#pending.values()) this.#waiting -= callers.length;
    this.#pending.clear();
    this.#onDrained?.(); // a query that hangs is waited for by nobody
  }

  stats(): LookupQueueStats {
    return { waiting: this.#waiting, batches: this.#batches, keys: this.#keys };
  }

  /** A caller that an abort takes out of the line, or, when its query is under way, stops waiting for the answer. */
  #abortable(key: string, { watch, resolve, reject }: Caller<Value>, signal: AbortSignal): Caller<Value> {
    const onAbort = () => {
      this.#withdraw(key, caller);
      reject(abortedError(signal, "the lookup"));
    };
    const caller: Caller<Value> = {
      watch,
      resolve: (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      reject: (error) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return caller;
  }

  #withdraw(key: string, caller: Caller<Value>): void {
    const callers = this.#pending.get(key);
    const position = callers?.indexOf(caller) ?? -1;
    if (callers === undefined || position === -1) return; // its query is under way: the answer goes nowhere
    callers.splice(position, 1);
    if (callers.length === 0) this.#pending.delete(key);
    this.#waiting--;
    this.#notifyDrained();
  }

  #schedule(): void {
    if (this.#scheduled || this.#pending.size === 0 || this.#inFlight >= this.#reader.maxConcurrentBatches()) return;
    this.#scheduled = true;
    if (this.#atOnce >= MAX_AT_ONCE) setImmediate(this.#dispatch);
    else queueMicrotask(this.#dispatch);
  }

  readonly #dispatch = (): void => {
    this.#scheduled = false;
    this.#atOnce = 0;
    if (this.#pending.size === 0) return;
    const keys: string[] = [];
    const callers: Caller<Value>[][] = [];
    for (const [key, waiting] of this.#pending) {
      keys.push(key);
      callers.push(waiting);
      this.#pending.delete(key);
      if (keys.length === this.#options.maxBatchKeys) break;
    }
    this.#inFlight++;
    void this.#read(keys, callers);
    this.#schedule();
  };

  async #read(keys: readonly string[], callers: readonly Caller<Value>[][]): Promise<void> {
    this.#flights.add(callers);
    const watch = sharedWatch(callers.flat());
    watch?.turnTo(undefined);
    try {
      const values = await this.#reader.read(keys, watch);
      this.#batches++;
      this.#keys += keys.length;
      callers.forEach((waiting, position) => {
        for (const caller of waiting) caller.resolve(values[position]);
      });
    } catch (error) {
      for (const waiting of callers) for (const caller of waiting) caller.reject(error);
    } finally {
      for (const waiting of callers) this.#waiting -= waiting.length;
      this.#flights.delete(callers);
      this.#inFlight--;
      this.#schedule();
      this.#notifyDrained();
    }
  }

  #notifyDrained(): void {
    if (this.#waiting === 0) this.#onDrained?.();
  }

  #fullError(): TelepoolError {
    const limit = this.#options.maxWaiting;
    return new TelepoolError(
      "QUEUE_FULL",
      `too many lookups wait: maxWaiting=${limit} is reached; wait and try again`,
      {
        retryAfterMs: 1000,
      },
    );
  }
}

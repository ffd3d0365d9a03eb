/**
 * Point reads in batches: keys that are asked for while a query is under way go together in the next one, and a key
 * that several callers want is read once for all of them.
 *
 * The first key leaves at the end of the current microtasks, so a caller that goes alone pays almost nothing.
 * Invariants: every `get` settles exactly once; lookups that wait or are under way never exceed `maxWaiting`.
 */
import { abortedError, TelepoolError } from "../errors.ts";
import type { LookupQueueOptions } from "./queue-options.ts";

/** How a queue reads. */
export interface BatchReader<Value> {
  /** Names the queue in messages: `profiles`. */
  readonly name: string;
  /** The values of these distinct keys, in their order; `undefined` where there is none. */
  read(keys: readonly string[]): Promise<(Value | undefined)[]>;
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
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects keys and reads them in batches. */
export class LookupQueue<Value> {
  readonly #reader: BatchReader<Value>;
  readonly #options: Readonly<Required<LookupQueueOptions>>;
  /** Who wants which key in the next batches, in the order in which keys were first asked for. */
  readonly #pending = new Map<string, Caller<Value>[]>();
  #waiting = 0;
  #inFlight = 0;
  #scheduled = false;
  #closedBy: TelepoolError | undefined;
  #batches = 0;
  #keys = 0;

  constructor(reader: BatchReader<Value>, options: Readonly<Required<LookupQueueOptions>>) {
    this.#reader = reader;
    this.#options = options;
  }

  /**
   * The value of one key, or `undefined`.
   *
   * @throws TelepoolError `QUEUE_FULL`, `POOL_CLOSED`, `ABORTED`, or what the database said
   */
  get(key: string, options?: LookupOptions): Promise<Value | undefined> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    if (this.#waiting >= this.#options.maxWaiting) return Promise.reject(this.#fullError());
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(abortedError(signal, "the lookup"));
    return new Promise((resolve, reject) => {
      const caller = signal === undefined ? { resolve, reject } : this.#abortable(key, resolve, reject, signal);
      const callers = this.#pending.get(key);
      if (callers === undefined) this.#pending.set(key, [caller]);
      else callers.push(caller);
      this.#waiting++;
      this.#schedule();
    });
  }

  /** Refuses new lookups; those under way and waiting are answered. */
  close(): void {
    this.#closedBy ??= new TelepoolError("POOL_CLOSED", `the ${this.#reader.name} lookups are closed`);
  }

  stats(): LookupQueueStats {
    return { waiting: this.#waiting, batches: this.#batches, keys: this.#keys };
  }

  /** A caller that an abort takes out of the line, or, when its query is under way, stops waiting for the answer. */
  #abortable(
    key: string,
    resolve: Caller<Value>["resolve"],
    reject: Caller<Value>["reject"],
    signal: AbortSignal,
  ): Caller<Value> {
    const onAbort = () => {
      this.#withdraw(key, caller);
      reject(abortedError(signal, "the lookup"));
    };
    const caller: Caller<Value> = {
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
  }

  #schedule(): void {
    if (this.#scheduled || this.#pending.size === 0 || this.#inFlight >= this.#reader.maxConcurrentBatches()) return;
    this.#scheduled = true;
    queueMicrotask(this.#dispatch);
  }

  readonly #dispatch = (): void => {
    this.#scheduled = false;
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
    try {
      const values = await this.#reader.read(keys);
      this.#batches++;
      this.#keys += keys.length;
      callers.forEach((waiting, position) => {
        for (const caller of waiting) caller.resolve(values[position]);
      });
    } catch (error) {
      for (const waiting of callers) for (const caller of waiting) caller.reject(error);
    } finally {
      for (const waiting of callers) this.#waiting -= waiting.length;
      this.#inFlight--;
      this.#schedule();
    }
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

/**
 * Group commit: rows that arrive while a batch is being written form the next batch.
 *
 * There is no timer. A row that arrives at a quiet queue leaves at the next turn of the event loop, together with all
 * that arrived in the same turn; a caller that goes alone waits for nobody. Rows leave in the order in which they came.
 *
 * Invariants: every `add` settles exactly once; rows that are queued or being written stay within the limits of the
 * queue, and those of waiting callers within limits of their own; while anyone waits there is no room for the first who
 * does; a batch that fails because of one row is split until that row fails alone.
 */
import { type CallTiming, type Stopwatch, sharedWatch, type Watch } from "../call-timing.ts";
import { abortedError, TelepoolError } from "../errors.ts";
import { Fifo, type Placed } from "./fifo.ts";
import type { WriteQueueOptions } from "./queue-options.ts";

/** What became of one row. */
export interface WriteOutcome {
  /** Whether a row with this id was stored before, so that this one changed nothing. */
  readonly duplicate: boolean;
}

const STORED: WriteOutcome = Object.freeze({ duplicate: false });
const DUPLICATE: WriteOutcome = Object.freeze({ duplicate: true });

/** How a queue writes and what it may assume. */
export interface BatchWriter<Row> {
  /** Names the queue in messages: `profiles`. */
  readonly name: string;
  /** Writes a batch atomically; settles when it is durable. Reports the positions of rows that were there already. */
  write(rows: readonly Row[], watch: Watch | undefined): Promise<{ readonly duplicates: readonly number[] }>;
  /** How much memory a row holds. */
  bytesOf(row: Row): number;
  /** Whether a failed batch is worth splitting, because a single row can be at fault. */
  rowAtFault(error: unknown): boolean;
  /** How many batches may be written at the same time; asked anew for each. */
  maxConcurrentBatches(): number;
  /** Told of each stored row how long it took from `add`, in milliseconds. */
  onStored(latencyMs: number): void;
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
}

/** How a caller wants to be treated. */
export interface WriteOptions {
  /** Whether to wait when the queue is full (the default), or to be refused with `QUEUE_FULL`. */
  readonly wait?: boolean;
  /** Withdraws the row while it waits. A row that is being written stays written, and its promise says so. */
  readonly signal?: AbortSignal;
  /** Is told where the call's time went. */
  readonly timing?: CallTiming;
}

/** The state of a write queue. */
export interface WriteQueueStats {
  /** Rows that are queued or being written. */
  readonly queuedRows: number;
  readonly queuedBytes: number;
  /** Callers beyond the limits, which wait for room. */
  readonly waiting: number;
  /** Batches that were committed, and the rows in them. */
  readonly batches: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** The mean number of rows in a batch. */
  readonly meanBatchRows: number;
}

interface Entry<Row> extends Placed<Entry<Row>> {
  readonly row: Row;
  readonly bytes: number;
  readonly addedMs: number;
  /** Counts up by one for each `add`: how `flush` knows what came before it. */
  readonly sequence: number;
  readonly watch: Stopwatch | undefined;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
  stopListening: (() => void) | undefined;
}

/** Rows under way; the sequence of the first bounds what `flush` may report. */
interface Flight<Row> {
  readonly firstSequence: number;
  readonly batch: readonly Entry<Row>[];
}

type Limit = Exclude<keyof WriteQueueOptions, "maxBatchRows" | "maxBatchBytes">;

/**
 * How many rows are worth a batch of their own beside one that is being written, where a database takes several at once:
 * fewer would commit more often without being done earlier.
 */
const WORTH_A_BATCH_ROWS = 250;

interface FlushWaiter {
  readonly upTo: number;
  readonly resolve: () => void;
}

/** Collects rows and writes them in batches, many callers to one transaction. */
export class WriteQueue<Row> {
  readonly #writer: BatchWriter<Row>;
  readonly #options: Readonly<Required<WriteQueueOptions>>;
  /** Rows for the next batches. */
  readonly #pending = new Fifo<Entry<Row>>();
  /** Rows of callers that wait for room, all younger than those that are pending. */
  readonly #waiting = new Fifo<Entry<Row>>();
  #waitingBytes = 0;
  readonly #flights = new Set<Flight<Row>>();
  #flushWaiters: FlushWaiter[] = [];
  /** What is pending or under way. */
  #heldRows = 0;
  #heldBytes = 0;
  #sequence = 0;
  #scheduled = false;
  #closedBy: TelepoolError | undefined;
  #batches = 0;
  #rows = 0;
  #duplicates = 0;
  #rejected = 0;

  constructor(writer: BatchWriter<Row>, options: Readonly<Required<WriteQueueOptions>>) {
    this.#writer = writer;
    this.#options = options;
  }

  /**
   * Stores one row; resolves when it is durable.
   *
   * @param watch takes the row's time; `options.timing` is for whoever made it
   * @throws TelepoolError `QUEUE_FULL`, `POOL_CLOSED`, `ABORTED`, or what the database said of this row
   */
  add(row: Row, options?: WriteOptions, watch?: Stopwatch): Promise<WriteOutcome> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    const signal = options?.signal;
    if (signal?.aborted) return Promise.reject(abortedError(signal, "the write"));
    const bytes = this.#writer.bytesOf(row);
    const full = this.#limitReached(this.#waiting.peek()?.bytes ?? bytes); // nobody overtakes those who wait
    const refusedBy = full && (options?.wait === false ? full : this.#waitingLimitReached(bytes));
    if (refusedBy !== undefined) return Promise.reject(this.#fullError(refusedBy));
    return new Promise((resolve, reject) => {
      const addedMs = this.#writer.nowMs();
      const sequence = ++this.#sequence;
      const entry: Entry<Row> = {
        row,
        bytes,
        addedMs,
        sequence,
        watch,
        resolve,
        reject,
        stopListening: undefined,
        line: undefined,
        ahead: undefined,
        behind: undefined,
      };
      watch?.turnTo("queueMs", addedMs);
      if (full === undefined) this.#admit(entry);
      else this.#letWait(entry);
      if (signal !== undefined) this.#withdrawOnAbort(entry, signal);
      this.#schedule();
    });
  }

  /** Resolves when every row that was added before has settled. */
  flush(): Promise<void> {
    const upTo = this.#sequence;
    if (this.#oldestHeld() > upTo) return Promise.resolve();
    return new Promise((resolve) => this.#flushWaiters.push({ upTo, resolve }));
  }

  /** Refuses new rows, writes those that it has accepted, and resolves when the last has settled. */
  close(): Promise<void> {
    this.#closedBy ??= new TelepoolError("POOL_CLOSED", `the ${this.#writer.name} queue is closed`);
    return this.flush();
  }

  /**
   * Refuses new rows and rejects every row that has not settled, for an owner whose deadline has passed. Of a row that is
   * being written the outcome is not known, and its error says so.
   */
  abandon(error: TelepoolError): void {
    this.#closedBy ??= error;
    for (const line of [this.#pending, this.#waiting]) {
      for (let entry = line.peek(); entry !== undefined; entry = line.peek()) this.#withdraw(entry, error);
    }
    const outcomeUnknown = new TelepoolError(
      "COMMIT_OUTCOME_UNKNOWN",
      "the store was closed while this row was being written; whether it is stored is not known, its id can be written again",
      { cause: error },
    );
    // They stay counted as held until their write ends, if it does; those that have settled do not hear of this.
    for (const { batch } of this.#flights) for (const entry of batch) entry.reject(outcomeUnknown);
    this.#flights.clear();
    this.#notifyFlushed();
  }

  stats(): WriteQueueStats {
    return {
      queuedRows: this.#heldRows,
      queuedBytes: this.#heldBytes,
      waiting: this.#waiting.size,
      batches: this.#batches,
      rows: this.#rows,
      duplicates: this.#duplicates,
      rejected: this.#rejected,
      meanBatchRows: this.#batches === 0 ? 0 : this.#rows / this.#batches,
    };
  }

  /** The name of the limit that a row of `bytes` would exceed; a row always fits into an empty queue. */
  #limitReached(bytes: number): Limit | undefined {
    if (this.#heldRows === 0) return undefined;
    if (this.#heldRows >= this.#options.maxQueueRows) return "maxQueueRows";
    return this.#heldBytes + bytes > this.#options.maxQueueBytes ? "maxQueueBytes" : undefined;
  }

  /** The name of the limit that a row of `bytes` would exceed if its caller waited too. */
  #waitingLimitReached(bytes: number): Limit | undefined {
    if (this.#waiting.size >= this.#options.maxWaiting) return "maxWaiting";
    return this.#waitingBytes + bytes > this.#options.maxWaitingBytes ? "maxWaitingBytes" : undefined;
  }

  #admit(entry: Entry<Row>): void {
    this.#heldRows++;
    this.#heldBytes += entry.bytes;
    this.#pending.push(entry);
  }

  #letWait(entry: Entry<Row>): void {
    this.#waitingBytes += entry.bytes;
    this.#waiting.push(entry);
  }

  /** Admits those who have waited longest while there is room; follows whatever makes room. */
  #admitWaiting(): void {
    for (
      let entry = this.#waiting.peek();
      entry !== undefined && this.#limitReached(entry.bytes) === undefined;
      entry = this.#waiting.peek()
    ) {
      this.#waiting.remove(entry);
      this.#waitingBytes -= entry.bytes;
      this.#admit(entry);
    }
  }

  #withdrawOnAbort(entry: Entry<Row>, signal: AbortSignal): void {
    const onAbort = () => {
      this.#withdraw(entry, abortedError(signal, "the write"));
      this.#admitWaiting();
      this.#schedule();
      this.#notifyFlushed();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    entry.stopListening = () => signal.removeEventListener("abort", onAbort);
  }

  /** Takes an entry out of the line in which it stands, and rejects it. */
  #withdraw(entry: Entry<Row>, error: TelepoolError): void {
    entry.stopListening?.();
    if (this.#waiting.remove(entry)) this.#waitingBytes -= entry.bytes;
    else if (this.#pending.remove(entry)) this.#release(entry);
    this.#reject(entry, error);
  }

  #schedule(): void {
    if (this.#scheduled || this.#pending.size === 0 || !this.#mayStart()) return;
    this.#scheduled = true;
    // A turn of the event loop, not a microtask: requests on sockets that are ready now belong to the same batch.
    setImmediate(this.#dispatch);
  }

  /** While a batch is being written, another starts beside it only when it would be worth its commit. */
  #mayStart(): boolean {
    if (this.#flights.size === 0) return true;
    if (this.#flights.size >= this.#writer.maxConcurrentBatches()) return false;
    return this.#pending.size >= Math.min(WORTH_A_BATCH_ROWS, this.#options.maxBatchRows);
  }

  /** How many rows the next batch may have: those that wait are shared among the batches that may go side by side. */
  #batchRows(): number {
    const free = Math.max(1, this.#writer.maxConcurrentBatches() - this.#flights.size);
    const share = Math.max(WORTH_A_BATCH_ROWS, Math.ceil(this.#pending.size / free));
    return Math.min(this.#options.maxBatchRows, share);
  }

  readonly #dispatch = (): void => {
    this.#scheduled = false;
    const batch = this.#takeBatch();
    const first = batch[0];
    if (first === undefined) return;
    const flight: Flight<Row> = { firstSequence: first.sequence, batch };
    this.#flights.add(flight);
    void this.#write(batch).finally(() => {
      this.#flights.delete(flight);
      this.#schedule();
      this.#notifyFlushed();
    });
    this.#schedule();
  };

  #takeBatch(): Entry<Row>[] {
    const { maxBatchBytes } = this.#options;
    const maxRows = this.#batchRows();
    const batch: Entry<Row>[] = [];
    let bytes = 0;
    for (
      let entry = this.#pending.peek();
      entry !== undefined && batch.length < maxRows;
      entry = this.#pending.peek()
    ) {
      if (batch.length > 0 && bytes + entry.bytes > maxBatchBytes) break;
      bytes += entry.bytes;
      this.#pending.shift();
      entry.stopListening?.(); // from here on it cannot be withdrawn
      batch.push(entry);
    }
    return batch;
  }

  /** Writes a batch and settles each of its rows; never rejects. */
  async #write(batch: readonly Entry<Row>[]): Promise<void> {
    const watch = sharedWatch(batch);
    watch?.turnTo(undefined);
    try {
      const report = await this.#writer.write(
        batch.map((entry) => entry.row),
        watch,
      );
      this.#succeed(batch, report.duplicates);
    } catch (error) {
      if (batch.length === 1 || !this.#writer.rowAtFault(error)) {
        this.#fail(batch, error);
        return;
      }
      watch?.turnTo("queueMs"); // the halves wait for their turns
      const middle = batch.length >>> 1;
      await this.#write(batch.slice(0, middle));
      await this.#write(batch.slice(middle));
    }
  }

  #succeed(batch: readonly Entry<Row>[], duplicates: readonly number[]): void {
    this.#batches++;
    this.#rows += batch.length;
    this.#duplicates += duplicates.length;
    const repeated = duplicates.length === 0 ? undefined : new Set(duplicates);
    const nowMs = this.#writer.nowMs();
    let position = 0;
    for (const entry of batch) {
      this.#release(entry);
      this.#writer.onStored(nowMs - entry.addedMs);
      entry.resolve(repeated?.has(position) ? DUPLICATE : STORED);
      position++;
    }
    this.#admitWaiting();
  }

  #fail(batch: readonly Entry<Row>[], error: unknown): void {
    for (const entry of batch) {
      this.#release(entry);
      this.#reject(entry, error);
    }
    this.#admitWaiting();
  }

  #release(entry: Entry<Row>): void {
    this.#heldRows--;
    this.#heldBytes -= entry.bytes;
  }

  #reject(entry: Entry<Row>, error: unknown): void {
    this.#rejected++;
    entry.reject(error);
  }

  /** The sequence of the oldest row that has not settled; infinite when there is none. */
  #oldestHeld(): number {
    let oldest = (this.#pending.peek() ?? this.#waiting.peek())?.sequence ?? Number.POSITIVE_INFINITY;
    for (const flight of this.#flights) oldest = Math.min(oldest, flight.firstSequence);
    return oldest;
  }

  #notifyFlushed(): void {
    if (this.#flushWaiters.length === 0) return;
    const oldest = this.#oldestHeld();
    const waiters = this.#flushWaiters;
    this.#flushWaiters = waiters.filter((waiter) => waiter.upTo >= oldest);
    for (const waiter of waiters) if (waiter.upTo < oldest) waiter.resolve();
  }

  #fullError(limit: Limit): TelepoolError {
    const waiting = `waiting=${this.#waiting.size} waitingBytes=${this.#waitingBytes}`;
    const state = `rows=${this.#heldRows} bytes=${this.#heldBytes} ${waiting}`;
    return new TelepoolError(
      "QUEUE_FULL",
      `the ${this.#writer.name} queue is full: ${limit}=${this.#options[limit]} is reached (${state}); wait and try again`,
      { retryAfterMs: 1000 },
    );
  }
}

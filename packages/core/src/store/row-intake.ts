/**
 * The ways in for one kind of rows: one by one through its queue, many in one transaction, or any number from a source. It
 * counts the rows of calls that fail; what is written is counted where it is written.
 */
import {
  type AddResult,
  checkInsertOptions,
  checkReadOptions,
  checkWriteOptions,
  type InsertManyOptions,
  type InsertManyResult,
  type InsertOptions,
} from "../call-options.ts";
import { measured, stopwatchFor } from "../call-timing.ts";
import type { Clock } from "../clock.ts";
import { TelepoolError } from "../errors.ts";
import type { StoreMetrics } from "../metrics/store-metrics.ts";
import type { WriteQueueOptions } from "../queue/queue-options.ts";
import { type WriteOptions, type WriteOutcome, WriteQueue } from "../queue/write-queue.ts";
import type { StoreCalls } from "../store-calls.ts";
import type { StoreOpening } from "../store-opening.ts";
import { type Importable, type ImportOptions, type ImportResult, importRows } from "./import-rows.ts";
import type { RawRow } from "./raw-rows.ts";
import type { RowInputs, RowKind, RowTable } from "./row-kind.ts";
import { isRowAtFault } from "./rows-at-fault.ts";

/** What taking rows in works with. */
export interface IntakeDeps {
  readonly opening: StoreOpening;
  readonly calls: StoreCalls;
  readonly clock: Clock;
  readonly metrics: StoreMetrics;
  readonly queue: Readonly<Required<WriteQueueOptions>>;
}

/** Takes in the rows of one kind. */
export class RowIntake<T extends RowTable> {
  readonly queue: WriteQueue<RawRow<T>>;
  readonly #kind: RowKind<T>;
  readonly #deps: IntakeDeps;

  constructor(kind: RowKind<T>, deps: IntakeDeps) {
    this.#kind = kind;
    this.#deps = deps;
    const { opening, clock, metrics } = deps;
    this.queue = new WriteQueue(
      {
        name: kind.name,
        bytesOf: kind.bytesOf,
        // It opens the store too, also while it closes, for what was accepted before.
        write: async (rows, watch) => {
          const report = await (opening.opened ?? (await opening.open())).repository.write(kind, rows, watch);
          metrics.batchWritten(kind.name, rows.length);
          return report;
        },
        rowAtFault: isRowAtFault,
        maxConcurrentBatches: () => opening.opened?.driver.capabilities.maxConcurrentBatches ?? 1,
        onStored: (latencyMs) => metrics.operations.record(kind.calls.one, latencyMs),
        nowMs: () => clock.monotonicMs(),
      },
      deps.queue,
    );
  }

  /** Stores the row that `toRow` makes; gives back its id. */
  async insert(toRow: () => RawRow<T>, options: InsertOptions | undefined): Promise<string> {
    try {
      checkInsertOptions(options);
      const row = toRow();
      await this.#enqueue(row, options);
      return row.id;
    } catch (error) {
      this.#reject(1);
      throw error;
    }
  }

  /** Stores a row, and says whether its id was stored before. */
  async add(input: RowInputs[T], options: WriteOptions | undefined): Promise<AddResult> {
    try {
      checkWriteOptions(options);
      const row = this.#kind.parse(input, this.#deps.clock, "row");
      const { duplicate } = await this.#enqueue(row, options);
      return { id: row.id, duplicate };
    } catch (error) {
      this.#reject(1);
      throw error;
    }
  }

  /** Stores all of the rows in one transaction, or none. */
  async insertMany(inputs: readonly RowInputs[T][], options: InsertManyOptions = {}): Promise<InsertManyResult> {
    checkReadOptions(options);
    if (!Array.isArray(inputs)) throw new TelepoolError("INVALID_ARGUMENT", "rows must be an array", { field: "rows" });
    try {
      return await this.#insertMany(inputs, options);
    } catch (error) {
      this.#reject(inputs.length);
      throw error;
    }
  }

  /** Stores any number of rows from a source. */
  import(source: Importable<RowInputs[T]>, options: ImportOptions = {}): Promise<ImportResult> {
    const { calls, clock, metrics } = this.#deps;
    const kind = this.#kind;
    return calls.write(
      kind.calls.import,
      ({ repository }, { watch }) =>
        importRows({ kind, repository, clock, ingest: metrics.ingest, watch }, source, options),
      options,
    );
  }

  /** Gives a row to the queue. */
  #enqueue(row: RawRow<T>, options: WriteOptions | undefined): Promise<WriteOutcome> {
    const watch = stopwatchFor(options?.timing, this.#deps.clock);
    return measured(this.queue.add(row, options, watch), watch);
  }

  async #insertMany(inputs: readonly RowInputs[T][], options: InsertManyOptions): Promise<InsertManyResult> {
    const { calls, clock } = this.#deps;
    const kind = this.#kind;
    const rows = inputs.map((input, position) => kind.parse(input, clock, `rows[${position}]`));
    if (rows.length === 0) return { ids: [], duplicates: [] };
    return await calls.write(
      kind.calls.many,
      async ({ repository }, context) => {
        const { duplicates } = await repository.writeAtomically(kind, rows, context);
        return { ids: rows.map((row) => row.id), duplicates: duplicates.map((position) => rows[position]?.id ?? "") };
      },
      options,
    );
  }

  #reject(rows: number): void {
    this.#deps.metrics.ingest.add(this.#kind.name, "rejected", rows);
  }
}

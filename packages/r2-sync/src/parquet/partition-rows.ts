/**
 * A table's rows as Parquet files in a folder for each day: any number of rows, in any order, in bounded memory.
 *
 * A partition's rows are held until they fill a file. When all partitions together hold too much, the one that holds most
 * becomes a file before it is full. Which rows go into which file depends on the rows and their order alone, not on the pages.
 */
import { dayOf } from "./day-of.ts";
import { encodeParquet } from "./encode-parquet.ts";
import { type ParquetRow, type ParquetTable, TABLE_COLUMNS, TABLE_FOLDERS } from "./table-columns.ts";

/** One file of a table. */
export interface ParquetFile {
  /** Where it belongs, as in `profiles/day=2026-11-25/part-0001.parquet`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly rows: number;
}

/** When a file is cut. */
export interface PartitionLimits {
  /** How many rows a file has at the most. */
  readonly maxFileRows: number;
  /** How much text the rows of a file have at the most, in bytes; a single row may have more. */
  readonly maxFileBytes: number;
  /** How much the rows that are held for all files together may weigh, in bytes. */
  readonly maxHeldBytes: number;
}

const LIMITS: PartitionLimits = {
  maxFileRows: 50_000,
  maxFileBytes: 8 * 1024 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
};

/** What a held row weighs beside its text, as an object with its strings: measured in Bun, about 460. */
const ROW_BYTES = 500;

/**
 * Lays the rows of a table into files: profiles and events by the day of their timestamp, sessions all together. The files of
 * a folder are numbered in the order in which they come.
 */
export async function* partitionRows<T extends ParquetTable>(
  table: T,
  pages: AsyncIterable<readonly ParquetRow<T>[]> | Iterable<readonly ParquetRow<T>[]>,
  limits: Partial<PartitionLimits> = {},
): AsyncGenerator<ParquetFile, void, undefined> {
  const partitions = new Partitions<T>(table, { ...LIMITS, ...limits });
  for await (const page of pages) for (const row of page) yield* partitions.add(row);
  yield* partitions.rest();
}

/** The rows of a folder that are in no file yet. */
interface Partition<T extends ParquetTable> {
  readonly folder: string;
  readonly rows: ParquetRow<T>[];
  bytes: number;
}

class Partitions<T extends ParquetTable> {
  readonly #table: T;
  readonly #limits: PartitionLimits;
  readonly #textColumns: readonly string[];
  /** By folder; never without a row. */
  readonly #open = new Map<string, Partition<T>>();
  /** How many files each folder has got. */
  readonly #parts = new Map<string, number>();
  #heldBytes = 0;

  constructor(table: T, limits: PartitionLimits) {
    this.#table = table;
    this.#limits = limits;
    const isText = new Set(["text", "json"]);
    this.#textColumns = TABLE_COLUMNS[table].filter(({ kind }) => isText.has(kind)).map(({ name }) => name);
  }

  /** Takes a row in, and gives back the files that are full by it. */
  *add(row: ParquetRow<T>): Generator<ParquetFile, void, undefined> {
    const bytes = this.#textBytes(row);
    const top = TABLE_FOLDERS[this.#table];
    const folder = "timestamp" in row ? `${top}/day=${dayOf(row.timestamp)}` : top;
    const before = this.#open.get(folder);
    if (before !== undefined && before.bytes + bytes > this.#limits.maxFileBytes) yield this.#cut(before);
    const partition = this.#open.get(folder) ?? this.#opened(folder);
    partition.rows.push(row);
    partition.bytes += bytes;
    this.#heldBytes += bytes + ROW_BYTES;
    if (partition.rows.length >= this.#limits.maxFileRows) yield this.#cut(partition);
    while (this.#heldBytes > this.#limits.maxHeldBytes) yield this.#cut(this.#heaviest());
  }

  /** What is left, folder by folder in the order of their names. */
  *rest(): Generator<ParquetFile, void, undefined> {
    const partitions = [...this.#open.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
    for (const partition of partitions) yield this.#cut(partition);
  }

  #opened(folder: string): Partition<T> {
    const partition = { folder, rows: [], bytes: 0 };
    this.#open.set(folder, partition);
    return partition;
  }

  #cut({ folder, rows, bytes }: Partition<T>): ParquetFile {
    const part = (this.#parts.get(folder) ?? 0) + 1;
    this.#parts.set(folder, part);
    this.#open.delete(folder);
    this.#heldBytes -= bytes + rows.length * ROW_BYTES;
    const path = `${folder}/part-${String(part).padStart(4, "0")}.parquet`;
    return { path, content: encodeParquet(this.#table, rows), rows: rows.length };
  }

  #heaviest(): Partition<T> {
    return [...this.#open.values()].reduce((a, b) => (weight(b) > weight(a) ? b : a));
  }

  #textBytes(row: object): number {
    let bytes = 0;
    for (const name of this.#textColumns) {
      const text = (row as Record<string, unknown>)[name]; // a row is readable by its columns
      if (typeof text === "string") bytes += Buffer.byteLength(text);
    }
    return bytes;
  }
}

function weight({ rows, bytes }: Partition<ParquetTable>): number {
  return bytes + rows.length * ROW_BYTES;
}

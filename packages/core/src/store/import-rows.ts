/** Importing: any number of rows from an iterable, in transactions of a thousand, in bounded memory. */
import { untilAborted } from "../async.ts";
import type { CallTiming, Watch } from "../call-timing.ts";
import type { Clock } from "../clock.ts";
import { abortedError, isTelepoolError, type TelepoolError } from "../errors.ts";
import type { IngestCounts } from "../metrics/ingest-counts.ts";
import { PAUSE } from "../ndjson/with-pauses.ts";
import { checkKeys } from "./known-keys.ts";
import type { RawRow } from "./raw-rows.ts";
import type { RowInputs, RowKind, RowTable } from "./row-kind.ts";
import type { ProfileInput } from "./rows.ts";
import type { TelemetryRepository } from "./telemetry-repository.ts";
import { writeSplitting } from "./write-splitting.ts";

/** A source of rows. */
export type Importable<Input = ProfileInput> = AsyncIterable<Input> | Iterable<Input>;

/** How far an import has come. */
export interface ImportResult {
  /** Rows that were read from the source. */
  readonly read: number;
  readonly stored: number;
  /** Rows whose id was stored before. */
  readonly duplicates: number;
  /** Rows that were refused, of which `onRejected` was told. */
  readonly rejected: number;
}

/** How an import goes. */
export interface ImportOptions {
  /** Told after every transaction. */
  readonly onProgress?: (progress: ImportResult) => void;
  /** Told of every bad row, with its position in the source from 0 on; without it the first bad row ends the import. */
  readonly onRejected?: (error: TelepoolError, position: number) => void;
  readonly signal?: AbortSignal;
  /** Is told where the call's time went, that of all its transactions together. */
  readonly timing?: CallTiming;
}

const CHUNK_ROWS = 1000;
const CHUNK_BYTES = 4 * 1024 * 1024;
const KEYS: ReadonlySet<string> = new Set(["onProgress", "onRejected", "signal", "timing"]);

/** What an import works with. */
export interface ImportDeps<T extends RowTable> {
  readonly kind: RowKind<T>;
  readonly repository: TelemetryRepository;
  readonly clock: Clock;
  /** Told of rows that are not stored. */
  readonly ingest: IngestCounts;
  /** Is told where the time of its writes goes. */
  readonly watch: Watch | undefined;
}

/** Reads the source to its end and stores what it gives. */
export async function importRows<T extends RowTable>(
  deps: ImportDeps<T>,
  source: Importable<RowInputs[T]>,
  options: ImportOptions,
): Promise<ImportResult> {
  checkKeys(options, KEYS, "options");
  const run = new ImportRun(deps, options);
  let position = 0;
  let isReading = true;
  try {
    for await (const input of options.signal === undefined ? source : abortable(source, options.signal)) {
      isReading = false;
      if (isPause(input)) await run.writeChunk();
      else await run.take(position++, input);
      isReading = true;
    }
  } catch (error) {
    // What came before the source broke is as good as ever; its own failure is the one to tell.
    if (isReading && options.signal?.aborted !== true) await run.writeChunk().catch(() => undefined);
    throw error;
  }
  await run.writeChunk();
  return run.progress;
}

/** Whether a source says that it is silent, which only those of this package do. */
function isPause(input: unknown): boolean {
  return input === PAUSE;
}

/** The source as it is, except that an abort ends it at once, also while it is silent. */
function abortable<Input>(source: Importable<Input>, signal: AbortSignal): AsyncIterable<Input> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  /** Tells the source that nobody reads on; after an abort nobody waits for its answer, which may never come. */
  const close = async (): Promise<IteratorResult<Input>> => {
    const closing = Promise.resolve(iterator.return?.());
    if (signal.aborted) closing.catch(() => undefined);
    else await untilAborted(closing, signal, "the import");
    return { done: true, value: undefined };
  };
  const next = async (): Promise<IteratorResult<Input>> => {
    try {
      if (signal.aborted) throw abortedError(signal, "the import");
      return await untilAborted(Promise.resolve(iterator.next()), signal, "the import");
    } catch (error) {
      if (signal.aborted) close().catch(() => undefined);
      throw error;
    }
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
}

interface ReadRow<T extends RowTable> {
  readonly row: RawRow<T>;
  readonly position: number;
}

/** One import under way: the chunk that is being collected, and the counts. */
class ImportRun<T extends RowTable> {
  readonly #deps: ImportDeps<T>;
  readonly #options: ImportOptions;
  #chunk: ReadRow<T>[] = [];
  #bytes = 0;
  #counts = { read: 0, stored: 0, duplicates: 0, rejected: 0 };

  constructor(deps: ImportDeps<T>, options: ImportOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get progress(): ImportResult {
    return { ...this.#counts };
  }

  /** Adds the row at `position` of the source, and writes the chunk when it is full. */
  async take(position: number, input: RowInputs[T]): Promise<void> {
    this.#counts.read++;
    const { kind, clock } = this.#deps;
    try {
      const row = kind.parse(input, clock, `rows[${position}]`);
      this.#chunk.push({ row, position });
      this.#bytes += kind.bytesOf(row);
    } catch (error) {
      this.#refuse(error, position);
    }
    if (this.#chunk.length >= CHUNK_ROWS || this.#bytes >= CHUNK_BYTES) await this.writeChunk();
  }

  /** Writes what was collected, unless the import was aborted; then the event loop has a turn. */
  async writeChunk(): Promise<void> {
    const { signal, onProgress } = this.#options;
    if (signal?.aborted) throw abortedError(signal, "the import");
    const chunk = this.#chunk;
    if (chunk.length === 0) return;
    this.#chunk = [];
    this.#bytes = 0;
    const done = this.#done;
    try {
      await this.#write(chunk);
    } catch (error) {
      if (this.#done > done) onProgress?.(this.progress); // of the parts that were through before one failed
      this.#reject(chunk.length - (this.#done - done)); // what went with the transaction that failed
      throw error;
    }
    onProgress?.(this.progress);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Writes rows in one transaction; where bad rows may be refused, it is split to find them. */
  async #write(rows: readonly ReadRow<T>[]): Promise<void> {
    if (this.#options.onRejected === undefined) await this.#store(rows);
    else await writeSplitting(rows, this.#store, ({ position }, error) => this.#refuse(error, position));
  }

  readonly #store = async (rows: readonly ReadRow<T>[]): Promise<void> => {
    const { kind, repository, watch } = this.#deps;
    const { duplicates } = await repository.write(
      kind,
      rows.map(({ row }) => row),
      watch,
    );
    this.#counts.stored += rows.length - duplicates.length;
    this.#counts.duplicates += duplicates.length;
  };

  /** How many rows are through. */
  get #done(): number {
    return this.#counts.stored + this.#counts.duplicates + this.#counts.rejected;
  }

  #refuse(error: unknown, position: number): void {
    const { onRejected } = this.#options;
    this.#reject(1);
    if (onRejected === undefined || !isTelepoolError(error)) throw error;
    this.#counts.rejected++;
    onRejected(error, position);
  }

  #reject(rows: number): void {
    this.#deps.ingest.add(this.#deps.kind.name, "rejected", rows);
  }
}

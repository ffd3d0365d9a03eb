/** Importing: any number of profiles from an iterable, in transactions of a thousand, in bounded memory. */
import { untilAborted } from "../async.ts";
import type { Clock } from "../clock.ts";
import type { ProfileRow } from "../driver/driver.ts";
import { abortedError, isTelepoolError, type TelepoolError } from "../errors.ts";
import { checkKeys } from "./known-keys.ts";
import { type ProfileInput, profileBytes, profileRow } from "./rows.ts";
import type { TelemetryRepository } from "./telemetry-repository.ts";
import { writeSplitting } from "./write-splitting.ts";

/** A source of profiles. */
export type Importable = AsyncIterable<ProfileInput> | Iterable<ProfileInput>;

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
}

const CHUNK_ROWS = 1000;
const CHUNK_BYTES = 4 * 1024 * 1024;
const KEYS: ReadonlySet<string> = new Set(["onProgress", "onRejected", "signal"]);

/** Reads the source to its end and stores what it gives. */
export async function importProfiles(
  repository: TelemetryRepository,
  clock: Clock,
  source: Importable,
  options: ImportOptions,
): Promise<ImportResult> {
  checkKeys(options, KEYS, "options");
  const run = new ImportRun(repository, options);
  let position = 0;
  for await (const input of options.signal === undefined ? source : abortable(source, options.signal)) {
    await run.take(position, (where) => profileRow(input, clock, where));
    position++;
  }
  await run.writeChunk();
  return run.progress;
}

/** The source as it is, except that an abort ends it at once, also while it is silent. */
function abortable(source: Importable, signal: AbortSignal): AsyncIterable<ProfileInput> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  /** Tells the source that nobody reads on; after an abort nobody waits for its answer, which may never come. */
  const close = async (): Promise<IteratorResult<ProfileInput>> => {
    const closing = Promise.resolve(iterator.return?.());
    if (signal.aborted) closing.catch(() => undefined);
    else await untilAborted(closing, signal, "the import");
    return { done: true, value: undefined };
  };
  const next = async (): Promise<IteratorResult<ProfileInput>> => {
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

interface ReadRow {
  readonly row: ProfileRow;
  readonly position: number;
}

/** One import under way: the chunk that is being collected, and the counts. */
class ImportRun {
  readonly #repository: TelemetryRepository;
  readonly #options: ImportOptions;
  #chunk: ReadRow[] = [];
  #bytes = 0;
  #counts = { read: 0, stored: 0, duplicates: 0, rejected: 0 };

  constructor(repository: TelemetryRepository, options: ImportOptions) {
    this.#repository = repository;
    this.#options = options;
  }

  get progress(): ImportResult {
    return { ...this.#counts };
  }

  /** Adds the row at `position` of the source, and writes the chunk when it is full. */
  async take(position: number, parse: (where: string) => ProfileRow): Promise<void> {
    this.#counts.read++;
    try {
      const row = parse(`rows[${position}]`);
      this.#chunk.push({ row, position });
      this.#bytes += profileBytes(row);
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
    await this.#write(chunk);
    onProgress?.(this.progress);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Writes rows in one transaction; where bad rows may be refused, it is split to find them. */
  async #write(rows: readonly ReadRow[]): Promise<void> {
    if (this.#options.onRejected === undefined) await this.#store(rows);
    else await writeSplitting(rows, this.#store, ({ position }, error) => this.#refuse(error, position));
  }

  readonly #store = async (rows: readonly ReadRow[]): Promise<void> => {
    const { duplicates } = await this.#repository.writeProfiles(rows.map(({ row }) => row));
    this.#counts.stored += rows.length - duplicates.length;
    this.#counts.duplicates += duplicates.length;
  };

  #refuse(error: unknown, position: number): void {
    const { onRejected } = this.#options;
    if (onRejected === undefined || !isTelepoolError(error)) throw error;
    this.#counts.rejected++;
    onRejected(error, position);
  }
}

/** Importing: any number of profiles from an iterable, in transactions of a thousand, in bounded memory. */
import type { Clock } from "../clock.ts";
import type { ProfileRow } from "../driver/driver.ts";
import { abortedError, isTelepoolError, type TelepoolError } from "../errors.ts";
import { type ProfileInput, profileBytes, profileRow } from "./rows.ts";
import type { TelemetryRepository } from "./telemetry-repository.ts";

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

/** Reads the source to its end and stores what it gives. */
export async function importProfiles(
  repository: TelemetryRepository,
  clock: Clock,
  source: Importable,
  options: ImportOptions,
): Promise<ImportResult> {
  const { signal, onProgress, onRejected } = options;
  const progress = { read: 0, stored: 0, duplicates: 0, rejected: 0 };
  let chunk: { row: ProfileRow; position: number }[] = [];
  let bytes = 0;

  const refuse = (error: unknown, position: number): void => {
    if (onRejected === undefined || !isTelepoolError(error)) throw error;
    progress.rejected++;
    onRejected(error, position);
  };
  const writeRows = async (part: typeof chunk): Promise<void> => {
    try {
      const { duplicates } = await repository.writeProfiles(part.map(({ row }) => row));
      progress.stored += part.length - duplicates.length;
      progress.duplicates += duplicates.length;
    } catch (error) {
      const first = part[0];
      if (first === undefined || onRejected === undefined || !isTelepoolError(error, "CONSTRAINT_VIOLATED"))
        throw error;
      if (part.length === 1) return refuse(error, first.position);
      const middle = part.length >>> 1;
      await writeRows(part.slice(0, middle));
      await writeRows(part.slice(middle));
    }
  };
  const writeChunk = async (): Promise<void> => {
    const part = chunk;
    chunk = [];
    bytes = 0;
    if (signal?.aborted) throw abortedError(signal, "the import");
    if (part.length === 0) return;
    await writeRows(part);
    onProgress?.({ ...progress });
    await new Promise<void>((resolve) => setImmediate(resolve));
  };

  for await (const input of source) {
    if (signal?.aborted) break;
    const position = progress.read++;
    try {
      const row = profileRow(input, clock, `rows[${position}]`);
      chunk.push({ row, position });
      bytes += profileBytes(row);
    } catch (error) {
      refuse(error, position);
    }
    if (chunk.length >= CHUNK_ROWS || bytes >= CHUNK_BYTES) await writeChunk();
  }
  await writeChunk();
  return progress;
}

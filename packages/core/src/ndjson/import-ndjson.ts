/**
 * Lines of JSON into a store: any number of them in bounded memory, with the line's number for each that was refused.
 *
 * Lines are stored as they come: at the latest when the source falls silent. Empty lines are left out. What was read before a failure stays stored; rows with ids of their own can be sent again.
 */

import type { CallTiming } from "../call-timing.ts";
import { isTelepoolError } from "../errors.ts";
import type { ImportOptions, ImportResult } from "../store/import-rows.ts";
import type { EventInput, ProfileInput } from "../store/rows.ts";
import type { TelemetryPool } from "../telemetry-pool.ts";
import { readLines } from "./read-lines.ts";
import { PAUSE, type Pause, withPauses } from "./with-pauses.ts";

/** A line that was not stored. */
export interface RejectedLine {
  /** Counted from 1. */
  readonly line: number;
  /** `INVALID_JSON`, or the code of the error that the row met. */
  readonly code: string;
  readonly message: string;
  /** The path of the offending value within the line: `profile.x`. */
  readonly field?: string;
}

/** How lines are imported. */
export interface NdjsonOptions<Row> {
  /** Makes a row out of what a line says, which is checked afterwards; a TelepoolError that it throws refuses the line. */
  readonly toRow?: (value: unknown) => Row;
  /** Told of every line that is refused. */
  readonly onRejected: (rejected: RejectedLine) => void;
  /** Told after every transaction. */
  readonly onProgress?: (progress: ImportResult) => void;
  /** Whether nothing is read after the first line that is refused; what stands before it is stored. */
  readonly stopAtFirst?: boolean;
  /** The longest line, in bytes. */
  readonly maxLineBytes?: number;
  readonly signal?: AbortSignal;
  /** Is told where the time of the import went. */
  readonly timing?: CallTiming;
}

/** Stores profiles, one in each line. */
export function importProfileLines(
  store: Pick<TelemetryPool, "importProfiles">,
  chunks: AsyncIterable<Uint8Array>,
  options: NdjsonOptions<ProfileInput>,
): Promise<ImportResult> {
  return new LineImport(options).run(chunks, (rows, how) =>
    store.importProfiles(rows as AsyncIterable<ProfileInput>, how),
  );
}

/** Stores events, one in each line. */
export function importEventLines(
  store: Pick<TelemetryPool, "importEvents">,
  chunks: AsyncIterable<Uint8Array>,
  options: NdjsonOptions<EventInput>,
): Promise<ImportResult> {
  return new LineImport(options).run(chunks, (rows, how) => store.importEvents(rows as AsyncIterable<EventInput>, how));
}

/** How long a source may be silent before what it has given is stored. */
const PAUSE_MS = 250;

/** One import: gives the store the good lines, and knows which line each of its rows came from. */
class LineImport<Row> {
  readonly #options: NdjsonOptions<Row>;
  readonly #toRow: (value: unknown) => Row;
  /** The lines of the rows that are not stored yet, by their position in what the store was given. */
  readonly #lines = new Map<number, number>();
  #position = 0;
  /** Lines that never became rows. */
  #unparsed = 0;
  #stopped = false;

  constructor(options: NdjsonOptions<Row>) {
    this.#options = options;
    this.#toRow = options.toRow ?? ((value) => value as Row); // the store checks it
  }

  async run(
    chunks: AsyncIterable<Uint8Array>,
    store: (rows: AsyncIterable<Row | Pause>, options: ImportOptions) => Promise<ImportResult>,
  ): Promise<ImportResult> {
    const { signal, timing, onProgress } = this.#options;
    const result = await store(this.#rows(chunks), {
      onProgress: (progress) => {
        this.#lines.clear();
        onProgress?.(this.#withUnparsed(progress));
      },
      onRejected: ({ code, message, field }, position) => {
        const line = this.#lines.get(position) ?? 0;
        this.#lines.delete(position);
        const where = `rows[${position}]`;
        const path = field?.startsWith(`${where}.`) ? field.slice(where.length + 1) : undefined;
        const plain = message.replace(`${where}.`, "").replace(where, "the line");
        this.#reject({ line, code, message: plain, ...(path === undefined ? {} : { field: path }) });
      },
      ...(signal === undefined ? {} : { signal }),
      ...(timing === undefined ? {} : { timing }),
    });
    return this.#withUnparsed(result);
  }

  async *#rows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row | Pause, void, undefined> {
    for await (const line of readLines(withPauses(chunks, PAUSE_MS), this.#options.maxLineBytes)) {
      if (line === PAUSE) {
        yield line;
        continue;
      }
      const { number, text, flaw } = line;
      if (text?.trim() === "") continue;
      const row = this.#parse(number, text, flaw);
      if (row !== undefined) {
        this.#lines.set(this.#position++, number);
        yield row.value;
      }
      if (this.#stopped) return;
    }
  }

  /** The row that a line says; a line that says none is refused. */
  #parse(line: number, text: string | undefined, flaw: string | undefined): { readonly value: Row } | undefined {
    try {
      if (text !== undefined) return { value: this.#toRow(JSON.parse(text)) };
      this.#refuse({ line, code: "INVALID_JSON", message: flaw ?? "the line is not JSON" });
    } catch (error) {
      if (isTelepoolError(error)) {
        const { code, message, field } = error;
        this.#refuse({ line, code, message, ...(field === undefined ? {} : { field }) });
      } else {
        this.#refuse({ line, code: "INVALID_JSON", message: "the line is not JSON" });
      }
    }
    return undefined;
  }

  /** A line that never becomes a row. */
  #refuse(rejected: RejectedLine): void {
    this.#unparsed++;
    this.#reject(rejected);
  }

  #reject(rejected: RejectedLine): void {
    this.#stopped ||= this.#options.stopAtFirst === true;
    this.#options.onRejected(rejected);
  }

  #withUnparsed(progress: ImportResult): ImportResult {
    return { ...progress, read: progress.read + this.#unparsed, rejected: progress.rejected + this.#unparsed };
  }
}

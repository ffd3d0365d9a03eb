/**
 * Writes a checkpoint: all rows, as files of Parquet by day, then the manifest. The store goes on being written to, and its log
 * with it. After each part it is noted where the next begins, so a checkpoint that broke off goes on from there.
 *
 * Two processes may write one checkpoint at the same time, or one that is taken for dead and is not. So each attempt has its own
 * notes and its own keys: a request that arrives late overwrites nothing, and the first manifest stays.
 */
import { createHash } from "node:crypto";
import { type CheckpointStatus, newId } from "@telepool/core";
import type { CopyHead, RawRow, ScanPosition, SyncSource, TableName } from "@telepool/core/sync";
import * as v from "valibot";
import type { Bucket } from "../bucket/bucket.ts";
import { GarbageCollecting } from "../collect-garbage.ts";
import { checkRow } from "../copy/check-row.ts";
import { missing, readCheckpoint } from "../copy/copy-contents.ts";
import { type CopyKeys, padded } from "../copy/keys.ts";
import { CHECKPOINT_NOTE, noteCheckpoint, PART_NOTES } from "../copy/notes.ts";
import { replaced } from "../copy/replaced.ts";
import { sha256Of } from "../log/log-object.ts";
import { dayOf, encodeParquet, TABLE_FOLDERS } from "../parquet/index.ts";
import { type CheckpointPart, encodeManifest, type Manifest, parsePart, sumOf } from "./manifest.ts";

/** Rows in a part, and about how many bytes of them before they are encoded: what memory holds. */
const PART_ROWS = 50_000;
const PART_BYTES = 4 * 1024 * 1024;
/** After so many bytes of rows the garbage is collected: to encode a part leaves its rows behind several times over. */
const GARBAGE_BYTES = 8 * 1024 * 1024;
/** What a row has beside its JSON: an estimate. */
const ROW_BYTES = 200;

/** The order in which tables are read. */
const TABLES = ["sessions", "profiles", "analytics"] as const;

/** What a writer works with. */
export interface CheckpointWriterDeps {
  readonly source: SyncSource;
  readonly bucket: Bucket;
  readonly keys: CopyKeys;
  readonly signal?: AbortSignal | undefined;
  /** Called between parts; the log may be written then. */
  readonly onPart: (part: CheckpointPart) => Promise<void>;
  /** Logs all changes that there are, and gives back the head behind them. */
  readonly drain: () => Promise<CopyHead>;
}

const positionSchema = v.object({ timestamp: v.number(), id: v.string() });
const startSchema = v.object({
  id: v.string(),
  /** Whose notes say how far it is. */
  attempt: v.string(),
  source: v.string(),
  base: v.number(),
  baseSha256: v.string(),
  startedAt: v.number(),
});
const partNoteSchema = v.object({ part: v.unknown(), next: positionSchema });

type Start = v.InferOutput<typeof startSchema>;

/** Writes one checkpoint. */
export class CheckpointWriter {
  readonly #deps: CheckpointWriterDeps;
  readonly #parts: CheckpointPart[] = [];
  readonly #garbage: GarbageCollecting = new GarbageCollecting(GARBAGE_BYTES);
  /** Behind which row each table goes on. */
  readonly #positions = new Map<TableName, ScanPosition>();

  constructor(deps: CheckpointWriterDeps) {
    this.#deps = deps;
  }

  /** Writes all of it, or what is missing of one that was begun; gives back what it is. */
  async write(): Promise<CheckpointStatus> {
    const { source, bucket, keys, signal } = this.#deps;
    const start = await this.#begin();
    for (const table of TABLES) await this.#writeTable(start, table);
    const readAt = source.clock.wallMs();
    const head = await this.#deps.drain();
    if (head.source !== start.source) throw replaced();
    const { id, base, baseSha256, startedAt } = start;
    const manifest: Manifest = {
      telepool: "checkpoint",
      version: 1,
      format: "parquet",
      source: start.source,
      id,
      base,
      baseSha256,
      settled: head.sequence,
      startedAt,
      completedAt: Math.max(readAt, head.committedAt),
      parts: this.#parts,
    };
    const { content, metadata } = encodeManifest(manifest);
    const key = keys.manifest(base, id);
    const put = await bucket.put(key, content, { ifAbsent: true, contentType: "application/json", metadata, signal });
    const written = put === "stored" ? manifest : await readCheckpoint(bucket, keys, start.source, key, signal);
    if (written === undefined) throw missing(key);
    const { settled, completedAt } = written;
    const status: CheckpointStatus = { key, sequence: settled, at: completedAt, ...sumOf(written.parts) };
    await noteCheckpoint(source.notes, status);
    const noted = v.safeParse(startSchema, await source.notes.get(CHECKPOINT_NOTE));
    if (noted.success && noted.output.id !== id) return status; // another process is at the next one already
    await source.notes.forget(CHECKPOINT_NOTE);
    await source.notes.forget(PART_NOTES, "prefix");
    return status;
  }

  /** Goes on with a checkpoint of this copy that was begun, or begins one behind the head. */
  async #begin(): Promise<Start> {
    const { notes, ledger, clock } = this.#deps.source;
    const noted = v.safeParse(startSchema, await notes.get(CHECKPOINT_NOTE));
    const head = await ledger.head();
    if (head === undefined) throw replaced();
    const attempt = shortId();
    if (noted.success && noted.output.source === head.source) {
      await this.#inherit(noted.output.attempt, attempt);
      const start = { ...noted.output, attempt };
      await notes.set(CHECKPOINT_NOTE, start);
      return start;
    }
    const { source, sequence: base, sha256: baseSha256 } = head;
    const start = { id: shortId(), attempt, source, base, baseSha256, startedAt: clock.wallMs() };
    await notes.set(CHECKPOINT_NOTE, start);
    return start;
  }

  /** Takes over what another attempt has written. */
  async #inherit(from: string, to: string): Promise<void> {
    const { notes } = this.#deps.source;
    for (const note of await notes.all(`${PART_NOTES}${from}/`)) {
      const { part, next } = v.parse(partNoteSchema, note);
      const parsed = parsePart(part);
      this.#parts.push(parsed);
      this.#positions.set(parsed.table, next);
      await notes.set(`${PART_NOTES}${to}/${this.#number()}`, note);
    }
  }

  /** The number of the last part. */
  #number(): string {
    return String(this.#parts.length).padStart(6, "0");
  }

  async #writeTable<T extends TableName>(start: Start, table: T): Promise<void> {
    const last = this.#parts.at(-1);
    if (last !== undefined && TABLES.indexOf(last.table) > TABLES.indexOf(table)) return; // it was done before
    const { source, signal } = this.#deps;
    let rows: RawRow<T>[] = [];
    let bytes = 0;
    let day: string | undefined;
    let position: ScanPosition | undefined;
    const flush = async (): Promise<void> => {
      this.#garbage.used(bytes);
      if (rows.length > 0 && position !== undefined) await this.#writePart(start, table, day, rows, position);
      rows = [];
      bytes = 0;
    };
    for await (const page of source.tables.rows(table, this.#positions.get(table))) {
      signal?.throwIfAborted();
      for (const row of page.rows) {
        const rowDay = "timestamp" in row ? dayOf(row.timestamp) : undefined;
        if (rowDay !== day || rows.length === PART_ROWS || bytes > PART_BYTES) await flush();
        checkRow(table, row);
        day = rowDay;
        rows.push(row);
        bytes += bytesOf(row);
        position = { timestamp: "timestamp" in row ? row.timestamp : 0, id: row.id };
      }
      await new Promise<void>((resolve) => setImmediate(resolve)); // others get their turn
    }
    await flush();
  }

  async #writePart<T extends TableName>(
    start: Start,
    table: T,
    day: string | undefined,
    rows: readonly RawRow<T>[],
    next: ScanPosition,
  ): Promise<void> {
    const { source, bucket, keys, signal } = this.#deps;
    const number = String(this.#parts.length + 1).padStart(6, "0");
    const folder = `${TABLE_FOLDERS[table]}/${day === undefined ? "" : `day=${day}/`}`;
    const path = `${folder}part-${number}-${start.attempt.slice(-6)}.parquet`;
    const content = await encodeParquet(table, rows);
    const sha256 = sha256Of(content);
    const part: CheckpointPart = {
      key: keys.part(start.base, start.id, path),
      table,
      rows: rows.length,
      bytes: content.length,
      sha256,
      md5: createHash("md5").update(content).digest("hex"),
    };
    await bucket.put(part.key, content, {
      contentType: "application/vnd.apache.parquet",
      metadata: { sha256, rows: String(rows.length) },
      signal,
    });
    this.#parts.push(part);
    await source.notes.set(`${PART_NOTES}${start.attempt}/${this.#number()}`, { part: { ...part }, next: { ...next } });
    await this.#deps.onPart(part);
  }
}

/** The checkpoint of a copy that was begun and is not finished, as it stands in the keys of its parts. */
export async function checkpointUnderWay({ notes }: SyncSource, source: string): Promise<string | undefined> {
  const noted = v.safeParse(startSchema, await notes.get(CHECKPOINT_NOTE));
  return noted.success && noted.output.source === source
    ? `${padded(noted.output.base)}-${noted.output.id}`
    : undefined;
}

/** Random: two attempts of one millisecond have two. */
function shortId(): string {
  return newId().replaceAll("-", "").slice(8);
}

function bytesOf(row: object): number {
  const json = "profile" in row ? row.profile : "data" in row ? row.data : "";
  return (typeof json === "string" ? json.length : 0) + ROW_BYTES;
}

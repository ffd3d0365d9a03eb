/**
 * An object of the log: a header, then rows as they were when they were read, and ids that are gone, compressed with zstd. The
 * object is the commit: it is there as a whole or not at all, and names the object before it by its sha256.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { type SyncedRows, TelepoolError } from "@telepool/core";
import type { RawRow, SessionState, TableName } from "@telepool/core/sync";
import * as v from "valibot";
import type { LineBuffer } from "./line-buffer.ts";
import { type LogEntry, parseLine } from "./row-lines.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** More than any object decompresses to: batches are a few MiB, but one row may have 16 MiB of JSON in UTF-16 units. */
const MAX_TEXT_BYTES = 512 * 1024 * 1024;
/** The log is written often and read rarely, and is not kept for long: half of the work of level 3, a few per cent more bytes. */
const ZSTD_LEVEL = 1;
/** What zstd writes at once, as much as an object usually has: each piece waits for its turn in the event loop. */
const CHUNK_BYTES = 512 * 1024;

/** What an object says of itself in its first line. */
export interface LogHeader {
  readonly telepool: "log";
  /** Of the format. */
  readonly version: 1;
  readonly source: string;
  readonly sequence: number;
  /** The sha256 of the object before; empty in the first. */
  readonly previous: string;
  /** Nothing in this object or one before it is of a later time: milliseconds since 1970, by the clock of who copied. */
  readonly at: number;
  readonly rows: SyncedRows;
}

/** An object that is ready to be put. */
export interface LogObject {
  readonly header: LogHeader;
  readonly content: Uint8Array;
  readonly sha256: string;
  /** What stands beside the content, for those who look without reading it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What an object does to a store that it is restored into. */
export interface LogRows {
  readonly profiles: readonly RawRow<"profiles">[];
  readonly events: readonly RawRow<"analytics">[];
  readonly sessions: readonly SessionState[];
  readonly deleted: Readonly<Record<TableName, readonly string[]>>;
}

/** Makes an object. The lines can be used again when this resolves. */
export async function encodeLogObject(header: LogHeader, lines: LineBuffer): Promise<LogObject> {
  const content = await compress(lines.text(JSON.stringify(header)), {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL, [constants.ZSTD_c_checksumFlag]: 1 },
    chunkSize: CHUNK_BYTES,
  });
  const sha256 = sha256Of(content);
  const { source, sequence, at, rows, previous } = header;
  const count = rows.profiles + rows.events + rows.sessions + rows.deleted;
  const metadata = {
    sha256,
    source,
    sequence: String(sequence),
    previous,
    at: String(at),
    rows: String(count),
  };
  return { header, content, sha256, metadata };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const headerSchema = v.strictObject({
  telepool: v.literal("log"),
  version: v.literal(1),
  source: v.string(),
  sequence: count,
  previous: v.string(),
  at: count,
  rows: v.strictObject({ profiles: count, events: count, sessions: count, deleted: count }),
});

/** Which object is expected. */
export interface ExpectedObject {
  readonly key: string;
  readonly source: string;
  readonly sequence: number;
  /** The sha256 of the object before; not looked at if absent. */
  readonly previous?: string | undefined;
}

/** An object that was read, and holds what it says. */
export interface ReadObject {
  readonly header: LogHeader;
  readonly sha256: string;
  readonly rows: LogRows;
}

/**
 * Reads an object, and checks all that it says of itself: its place in the log, its counts, every line.
 *
 * @throws TelepoolError `COPY_DAMAGED`
 */
export async function decodeLogObject(
  content: Uint8Array,
  metadata: Readonly<Record<string, string>>,
  expected: ExpectedObject,
): Promise<ReadObject> {
  const { key } = expected;
  const sha256 = sha256Of(content);
  if (metadata.sha256 !== sha256) throw damaged(key, "its content does not have the sha256 that it was put with");
  const lines = (await textOf(content, key)).split("\n");
  if (lines.pop() !== "") throw damaged(key, "it ends in the middle of a line");
  const header = parseHeader(lines[0], key);
  if (header.source !== expected.source) throw damaged(key, "it belongs to another copy");
  if (header.sequence !== expected.sequence) throw damaged(key, `it is number ${header.sequence} of the log`);
  if (expected.previous !== undefined && header.previous !== expected.previous) {
    throw damaged(key, "it does not follow the object before it");
  }
  return { header, sha256, rows: parseRows(lines, header.rows, key) };
}

/** The sha256 in hexadecimal. */
export function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The error for an object that is not what it should be. */
export function damaged(key: string, what: string, cause?: unknown): TelepoolError {
  return new TelepoolError("COPY_DAMAGED", `the object ${key} is damaged: ${what}`, { cause });
}

async function textOf(content: Uint8Array, key: string): Promise<string> {
  try {
    const bytes = await decompress(content, { maxOutputLength: MAX_TEXT_BYTES });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw damaged(key, "it cannot be decompressed into text", error);
  }
}

function parseHeader(line: string | undefined, key: string): LogHeader {
  try {
    return v.parse(headerSchema, JSON.parse(line ?? ""));
  } catch (error) {
    throw damaged(key, "its first line is no header that this version can read", error);
  }
}

function parseRows(lines: readonly string[], announced: SyncedRows, key: string): LogRows {
  const profiles: RawRow<"profiles">[] = [];
  const events: RawRow<"analytics">[] = [];
  const sessions: SessionState[] = [];
  const deleted: Record<TableName, string[]> = { profiles: [], analytics: [], sessions: [] };
  for (let at = 1; at < lines.length; at++) {
    const entry = parseEntry(lines[at] ?? "", key);
    if ("deleted" in entry) deleted[entry.table].push(entry.deleted);
    else if (entry.table === "profiles") profiles.push(entry.row);
    else if (entry.table === "analytics") events.push(entry.row);
    else sessions.push(entry.row);
  }
  const deletions = deleted.profiles.length + deleted.analytics.length + deleted.sessions.length;
  const isComplete =
    profiles.length === announced.profiles &&
    events.length === announced.events &&
    sessions.length === announced.sessions &&
    deletions === announced.deleted;
  if (!isComplete) throw damaged(key, "it does not hold as many rows as its header says");
  return { profiles: lastOfEach(profiles), events: lastOfEach(events), sessions: lastOfEach(sessions), deleted };
}

/** The last row with each id: one that was changed while it was being copied may stand there twice. */
function lastOfEach<Row extends { readonly id: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

function parseEntry(line: string, key: string): LogEntry {
  try {
    return parseLine(line);
  } catch (error) {
    throw damaged(key, "a line of it is no row", error);
  }
}

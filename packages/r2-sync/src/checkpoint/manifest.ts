/**
 * The manifest of a checkpoint: which parts hold all rows, and where in the log they belong. It is put last, so a checkpoint
 * without one was never finished.
 *
 * The parts were read one after the other, while the store was written to. `base` is where the log was before the first was
 * read, `settled` where it was when everything of the time of the last had been logged: the parts and the objects behind
 * `base` give the store as it was at any object from `settled` on.
 */
import type { TableName } from "@telepool/core/sync";
import * as v from "valibot";
import type { StoredObject } from "../bucket/bucket.ts";
import { damaged, sha256Of } from "../log/log-object.ts";

/** A part of a checkpoint: a file of Parquet with rows of one table. */
export interface CheckpointPart {
  readonly key: string;
  readonly table: TableName;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Of the content, as the listing shows it. */
  readonly md5: string;
}

/** A checkpoint. Times are milliseconds since 1970. */
export interface Manifest {
  readonly telepool: "checkpoint";
  readonly version: 1;
  readonly format: "parquet";
  readonly source: string;
  readonly id: string;
  readonly base: number;
  /** The sha256 of the log's object `base`; empty at the beginning of a log. */
  readonly baseSha256: string;
  readonly settled: number;
  readonly startedAt: number;
  /** Nothing in the parts is of a later time. */
  readonly completedAt: number;
  readonly parts: readonly CheckpointPart[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const partSchema: v.GenericSchema<unknown, CheckpointPart> = v.strictObject({
  key: v.string(),
  table: v.picklist(["profiles", "analytics", "sessions"]),
  rows: count,
  bytes: count,
  sha256,
  md5: v.string(),
});

const schema: v.GenericSchema<unknown, Manifest> = v.strictObject({
  telepool: v.literal("checkpoint"),
  version: v.literal(1),
  format: v.literal("parquet"),
  source: v.string(),
  id: v.string(),
  base: count,
  baseSha256: v.string(),
  settled: count,
  startedAt: count,
  completedAt: count,
  parts: v.array(partSchema),
});

/** A manifest as an object. */
export function encodeManifest(manifest: Manifest): {
  readonly content: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const content = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  const { source, settled, completedAt } = manifest;
  const metadata = { sha256: sha256Of(content), source, settled: String(settled), at: String(completedAt) };
  return { content, metadata };
}

/**
 * Reads a manifest.
 *
 * @throws TelepoolError `COPY_DAMAGED`
 */
export function decodeManifest({ key, content, metadata }: StoredObject, source: string): Manifest {
  if (metadata.sha256 !== sha256Of(content))
    throw damaged(key, "its content does not have the sha256 that it was put with");
  const manifest = parse(content, key);
  if (manifest.source !== source) throw damaged(key, "it belongs to another copy");
  return manifest;
}

/** How much a checkpoint holds. */
export function sumOf(parts: readonly CheckpointPart[]): { readonly rows: number; readonly bytes: number } {
  return parts.reduce((sum, part) => ({ rows: sum.rows + part.rows, bytes: sum.bytes + part.bytes }), {
    rows: 0,
    bytes: 0,
  });
}

/** Checks a part that was noted. */
export function parsePart(value: unknown): CheckpointPart {
  return v.parse(partSchema, value);
}

function parse(content: Uint8Array, key: string): Manifest {
  try {
    return v.parse(schema, JSON.parse(Buffer.from(content).toString()));
  } catch (error) {
    throw damaged(key, "it is no manifest that this version can read", error);
  }
}

/** The object that says what a copy is of. It is the first that is put, and never changes. */
import type { SyncSource } from "@telepool/core/sync";
import * as v from "valibot";
import type { Bucket } from "../bucket/bucket.ts";
import { damaged, sha256Of } from "../log/log-object.ts";
import type { CopyKeys } from "./keys.ts";

/** What a copy is of. */
export interface SourceObject {
  readonly telepool: "source";
  readonly version: 1;
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** The kind of database. */
  readonly driver: string;
  /** Where it was, without secrets. */
  readonly location: string;
  /** The copy that the database was restored from. */
  readonly restoredFrom?: { readonly source: string; readonly sequence: number } | undefined;
}

const schema: v.GenericSchema<unknown, SourceObject> = v.object({
  telepool: v.literal("source"),
  version: v.literal(1),
  source: v.string(),
  startedAt: v.number(),
  driver: v.string(),
  location: v.string(),
  restoredFrom: v.optional(v.object({ source: v.string(), sequence: v.number() })),
});

/** Says what a copy is of, unless that was said. */
export async function putSource(
  bucket: Bucket,
  keys: CopyKeys,
  source: SyncSource,
  copy: Pick<SourceObject, "source" | "restoredFrom">,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { driver, location } = source;
  const object: SourceObject = {
    telepool: "source",
    version: 1,
    startedAt: source.clock.wallMs(),
    driver,
    location,
    ...copy,
  };
  const content = Buffer.from(`${JSON.stringify(object)}\n`);
  const metadata = { sha256: sha256Of(content) };
  await bucket.put(keys.source, content, { ifAbsent: true, contentType: "application/json", metadata, signal });
}

/**
 * What a copy is of; `undefined` if there is no such copy.
 *
 * @throws TelepoolError `COPY_DAMAGED`
 */
export async function getSource(
  bucket: Bucket,
  keys: CopyKeys,
  signal: AbortSignal | undefined,
): Promise<SourceObject | undefined> {
  const stored = await bucket.get(keys.source, signal);
  if (stored === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(Buffer.from(stored.content).toString()));
  } catch (error) {
    throw damaged(keys.source, "it does not say what the copy is of", error);
  }
}

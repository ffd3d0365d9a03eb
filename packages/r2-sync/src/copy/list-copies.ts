/** The copies that are below a prefix. */
import { isTelepoolError } from "@telepool/core";
import type { Bucket } from "../bucket/bucket.ts";
import { sumOf } from "../checkpoint/manifest.ts";
import { readCheckpoint } from "./copy-contents.ts";
import { CopyKeys, copiesRoot, sourceOfKey } from "./keys.ts";
import { getSource, type SourceObject } from "./source-object.ts";

/** A copy in a bucket. */
export interface Copy extends SourceObject {
  /** When its last object was put, by the storage's clock: milliseconds since 1970. */
  readonly lastPutAt: number;
  /** The number of the last object of its log. */
  readonly sequence: number;
  /** How many rows its newest checkpoint has; undefined without one that can be read. */
  readonly checkpointRows: number | undefined;
}

/** The identities of the copies below a prefix, oldest first. */
export async function listSources(bucket: Bucket, prefix: string, signal: AbortSignal | undefined): Promise<string[]> {
  const sources: string[] = [];
  let startAfter: string | undefined;
  for (;;) {
    const options = startAfter === undefined ? { signal } : { startAfter, signal };
    const page = await bucket.list(copiesRoot(prefix), options).next();
    const last = page.done === true ? undefined : page.value.at(-1);
    if (page.done === true || last === undefined) return sources;
    for (const { key } of page.value) {
      const source = sourceOfKey(prefix, key);
      if (source !== undefined && !sources.includes(source)) sources.push(source);
    }
    const source = sourceOfKey(prefix, last.key);
    // The rest of a copy is passed over: "~" comes behind all that its keys go on with.
    startAfter = source === undefined ? last.key : `${new CopyKeys(prefix, source).root}~`;
  }
}

/** The copies below a prefix, oldest first. */
export async function listCopies(bucket: Bucket, prefix: string, signal?: AbortSignal): Promise<Copy[]> {
  const copies: Copy[] = [];
  for (const source of await listSources(bucket, prefix, signal)) {
    const keys = new CopyKeys(prefix, source);
    const about = await getSource(bucket, keys, signal);
    if (about === undefined) continue; // an object that was never part of a copy
    copies.push({ ...about, ...(await extentOf(bucket, keys, about, signal)) });
  }
  return copies;
}

/** How far a copy goes: what tells an empty one from one that somebody looks for. */
async function extentOf(
  bucket: Bucket,
  keys: CopyKeys,
  { source, startedAt }: SourceObject,
  signal: AbortSignal | undefined,
): Promise<Pick<Copy, "lastPutAt" | "sequence" | "checkpointRows">> {
  let lastPutAt = startedAt;
  let sequence = 0;
  for await (const page of bucket.list(keys.logs, { signal })) {
    const last = page.at(-1);
    lastPutAt = Math.max(lastPutAt, last?.modifiedMs ?? 0);
    sequence = keys.sequenceOf(last?.key ?? "") ?? sequence;
  }
  let checkpointRows: number | undefined;
  for await (const page of bucket.list(keys.manifests, { signal })) {
    const last = page.at(-1);
    if (last === undefined) continue;
    lastPutAt = Math.max(lastPutAt, last.modifiedMs);
    const checkpoint = await readCheckpoint(bucket, keys, source, last.key, signal).catch((error: unknown) => {
      if (isTelepoolError(error, "COPY_DAMAGED")) return undefined;
      throw error;
    });
    if (checkpoint !== undefined) checkpointRows = sumOf(checkpoint.parts).rows;
  }
  return { lastPutAt, sequence, checkpointRows };
}

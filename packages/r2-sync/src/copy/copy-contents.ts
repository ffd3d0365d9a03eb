/** What is in the bucket of one copy: its checkpoints, and its log by number. */
import { TelepoolError } from "@telepool/core";
import type { Bucket, ObjectInfo } from "../bucket/bucket.ts";
import { decodeManifest, type Manifest } from "../checkpoint/manifest.ts";
import { damaged } from "../log/log-object.ts";
import type { CopyKeys } from "./keys.ts";

/** A checkpoint that was finished. */
export interface FoundCheckpoint extends Manifest {
  readonly key: string;
}

/** An object of the log, as the listing shows it. */
export interface FoundLog extends ObjectInfo {
  readonly sequence: number;
}

/** The checkpoints of a copy that were finished, oldest first. A manifest that cannot be read is an error. */
export async function findCheckpoints(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  signal: AbortSignal | undefined,
): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  for await (const page of bucket.list(keys.manifests, { signal })) {
    for (const { key } of page) {
      const checkpoint = await readCheckpoint(bucket, keys, source, key, signal);
      if (checkpoint !== undefined) found.push(checkpoint);
    }
  }
  return found;
}

/**
 * Reads a manifest that was listed; `undefined` if it has been deleted since.
 *
 * @throws TelepoolError `COPY_DAMAGED`
 */
export async function readCheckpoint(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  key: string,
  signal: AbortSignal | undefined,
): Promise<FoundCheckpoint | undefined> {
  const named = keys.manifestOf(key);
  if (named === undefined) throw damaged(key, "it is not where the copy puts anything");
  const stored = await bucket.get(key, signal);
  if (stored === undefined) return undefined;
  const manifest = decodeManifest(stored, source);
  if (manifest.base !== named.base || manifest.id !== named.id) {
    throw damaged(key, "it is another checkpoint's manifest");
  }
  return { ...manifest, key };
}

/** The objects of the log behind a number, in their order, by pages. */
export async function* listLog(
  bucket: Bucket,
  keys: CopyKeys,
  after: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<FoundLog[], void, undefined> {
  for await (const page of bucket.list(keys.logs, { startAfter: keys.log(after), signal })) {
    yield page.map((info) => {
      const sequence = keys.sequenceOf(info.key);
      if (sequence === undefined) throw damaged(info.key, "it is not where the copy puts anything");
      return { ...info, sequence };
    });
  }
}

/** The time that stands in an object of the log. */
export async function timeOfLog(
  bucket: Bucket,
  keys: CopyKeys,
  sequence: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const key = keys.log(sequence);
  const head = await bucket.head(key, signal);
  if (head === undefined) throw missing(key);
  const at = Number(head.metadata.at);
  if (!Number.isSafeInteger(at)) throw damaged(key, "it does not say of which time it is");
  return at;
}

/** The error for an object that should be there. */
export function missing(key: string): TelepoolError {
  return new TelepoolError("COPY_DAMAGED", `the object ${key} is missing`);
}

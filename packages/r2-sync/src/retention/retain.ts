/**
 * Deletes what no restore to a time within the last `keepMs` needs: checkpoints before the one that the oldest such restore begins
 * with, and the log before that. It waits another `graceMs`, so that what a restore under way has planned to read stays.
 */
import { TelepoolError } from "@telepool/core";
import type { Bucket, ObjectInfo } from "../bucket/bucket.ts";
import { type FoundCheckpoint, findCheckpoints } from "../copy/copy-contents.ts";
import type { CopyKeys } from "../copy/keys.ts";

/** What is to be kept. Times are milliseconds. */
export interface Retention {
  /** Every state of the last so many milliseconds can be restored. */
  readonly keepMs: number;
  /** How much longer that which is not needed stays. */
  readonly graceMs: number;
}

/** A part that is younger may be of a checkpoint that was finished since the manifests were listed; clocks differ, too. */
const YOUNG_MS = 600_000;

/** What was deleted. */
export interface RetentionResult {
  readonly objects: number;
  readonly bytes: number;
}

/** What retention works with. */
export interface RetainDeps {
  readonly bucket: Bucket;
  readonly keys: CopyKeys;
  readonly source: string;
  readonly nowMs: number;
  /** The checkpoint that is being written, as it stands in the keys of its parts. */
  readonly underWay: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes what is not to be kept. */
export async function retain(deps: RetainDeps, { keepMs, graceMs }: Retention): Promise<RetentionResult> {
  const { bucket, keys, source, nowMs, signal } = deps;
  const checkpoints = (await findCheckpoints(bucket, keys, source, signal)).sort((a, b) => a.settled - b.settled);
  const listed = new Map<string, ObjectInfo>();
  for await (const page of bucket.list(keys.root, { signal })) for (const info of page) listed.set(info.key, info);
  const isUnfinished = unfinished(deps, checkpoints, nowMs - Math.max(graceMs, YOUNG_MS));
  const doomed = [...listed.values()].filter(isUnfinished);
  const first = checkpoints.findLast(({ completedAt }) => completedAt <= nowMs - keepMs - graceMs);
  if (first !== undefined) {
    if (!listed.has(first.key)) return { objects: 0, bytes: 0 }; // another process is at it
    checkSound(first, listed);
    const { manifests, others } = before(first, checkpoints, listed, keys);
    await deleteAll(bucket, manifests, signal); // first: whoever plans from now on does not see them
    doomed.push(...others);
    await deleteAll(bucket, doomed, signal);
    return sumOf([...manifests, ...doomed]);
  }
  await deleteAll(bucket, doomed, signal);
  return sumOf(doomed);
}

/** What is only needed for states before a checkpoint. */
function before(
  first: FoundCheckpoint,
  checkpoints: readonly FoundCheckpoint[],
  listed: ReadonlyMap<string, ObjectInfo>,
  keys: CopyKeys,
): { readonly manifests: ObjectInfo[]; readonly others: ObjectInfo[] } {
  const older = checkpoints.filter(({ settled }) => settled < first.settled);
  const kept = checkpoints.filter(({ settled }) => settled >= first.settled);
  const base = Math.min(...kept.map((checkpoint) => checkpoint.base));
  const parts = new Set(older.flatMap((checkpoint) => checkpoint.parts.map(({ key }) => key)));
  const others = [...listed.values()].filter(({ key }) => {
    const sequence = keys.sequenceOf(key);
    return sequence === undefined ? parts.has(key) : sequence < base; // the log goes on from the base itself
  });
  return { manifests: older.flatMap(({ key }) => listed.get(key) ?? []), others };
}

/** Looks whether the checkpoint that would be the oldest is as it was put. */
function checkSound(first: FoundCheckpoint, listed: ReadonlyMap<string, ObjectInfo>): void {
  for (const { key, bytes, md5 } of first.parts) {
    const info = listed.get(key);
    if (info?.bytes !== bytes || info.etag !== md5) throw notSound(first.key, key);
  }
}

async function deleteAll(
  bucket: Bucket,
  objects: readonly ObjectInfo[],
  signal: AbortSignal | undefined,
): Promise<void> {
  await bucket.delete(
    objects.map(({ key }) => key),
    signal,
  );
}

function sumOf(objects: readonly ObjectInfo[]): RetentionResult {
  return { objects: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Tells the parts of checkpoints that were never finished, and are not being written. */
function unfinished(
  { keys, underWay }: RetainDeps,
  checkpoints: readonly { readonly key: string }[],
  before: number,
): (info: ObjectInfo) => boolean {
  const finished = new Set(checkpoints.map(({ key }) => key.slice(keys.manifests.length).replace(/\.json$/, "")));
  return ({ key, modifiedMs }) => {
    const checkpoint = keys.checkpointOf(key);
    return checkpoint !== undefined && checkpoint !== underWay && !finished.has(checkpoint) && modifiedMs < before;
  };
}

function notSound(manifest: string, part: string): TelepoolError {
  return new TelepoolError(
    "COPY_DAMAGED",
    `nothing was deleted: the checkpoint ${manifest} that would be the oldest has a part that is not as it was put: ${part}`,
  );
}

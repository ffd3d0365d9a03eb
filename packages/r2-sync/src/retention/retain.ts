/**
 * Deletes what no restore to a time within the last `keepMs` needs: checkpoints before the one that the oldest such restore begins
 * with, and the log before that. It waits another `graceMs`, so that what a restore under way has planned to read stays.
 */

import { TelepoolError } from "@telepool/core";
import type { Bucket, ObjectInfo } from "../bucket/bucket.ts";
import { findCheckpoints } from "../copy/copy-contents.ts";
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
  const until = nowMs - keepMs - graceMs;
  const first = checkpoints.findLast(({ completedAt }) => completedAt <= until);
  const kept = new Set(
    checkpoints
      .filter((checkpoint) => first === undefined || checkpoint.settled >= first.settled)
      .map(({ key }) => key),
  );
  const doomed: ObjectInfo[] = [];
  const isUnfinished = unfinished(deps, checkpoints, nowMs - Math.max(graceMs, YOUNG_MS));
  const listed = new Map<string, ObjectInfo>();
  for await (const page of bucket.list(keys.root, { signal })) {
    for (const info of page) {
      listed.set(info.key, info);
      if (isUnfinished(info)) doomed.push(info);
    }
  }
  if (first !== undefined && !listed.has(first.key)) return { objects: 0, bytes: 0 }; // another process is at it
  if (first !== undefined) {
    for (const { key, bytes, md5 } of first.parts) {
      const info = listed.get(key);
      if (info?.bytes !== bytes || info.etag !== md5) throw notSound(first.key, key);
    }
    const base = Math.min(...checkpoints.filter(({ key }) => kept.has(key)).map((checkpoint) => checkpoint.base));
    const parts = new Set(
      checkpoints.filter(({ key }) => !kept.has(key)).flatMap((checkpoint) => checkpoint.parts.map(({ key }) => key)),
    );
    for (const info of listed.values()) {
      const sequence = keys.sequenceOf(info.key);
      const isOld = sequence === undefined ? parts.has(info.key) : sequence < base; // the log goes on from the base itself
      if (isOld) doomed.push(info);
    }
    // The manifests go first: whoever plans from now on does not see them.
    const manifests = checkpoints.filter(({ key }) => !kept.has(key)).flatMap(({ key }) => listed.get(key) ?? []);
    await bucket.delete(
      manifests.map(({ key }) => key),
      signal,
    );
    doomed.push(...manifests);
  }
  await bucket.delete(
    doomed.map(({ key }) => key),
    signal,
  );
  return { objects: doomed.length, bytes: doomed.reduce((sum, { bytes }) => sum + bytes, 0) };
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

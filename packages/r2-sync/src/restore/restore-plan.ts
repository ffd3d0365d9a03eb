/** What is to be read for a restore: the newest checkpoint that is not too new, and the log behind it, without a gap. */
import { isTelepoolError, TelepoolError } from "@telepool/core";
import type { Bucket } from "../bucket/bucket.ts";
import {
  type FoundCheckpoint,
  type FoundLog,
  listLog,
  missing,
  readCheckpoint,
  timeOfLog,
} from "../copy/copy-contents.ts";
import type { CopyKeys } from "../copy/keys.ts";
import { damaged } from "../log/log-object.ts";

/** Up to where: the number of an object of the log, or a time in milliseconds since 1970; the end of the log if absent. */
export type RestorePoint = { readonly sequence: number } | { readonly time: number } | undefined;

/** What is to be read. */
export interface RestorePlan {
  readonly source: string;
  readonly checkpoint: FoundCheckpoint;
  /** The objects behind the checkpoint's base, in their order. */
  readonly log: readonly FoundLog[];
  /** The number of the last object; of the base if there is none. */
  readonly sequence: number;
}

/** Which checkpoint is to be taken, where there is a choice. */
export interface CheckpointChoice {
  /** The key of the one that a restore which broke off had begun with: it is taken again, if that is possible. */
  readonly known?: string | undefined;
  /** The keys of those that are not to be taken, as they are damaged. */
  readonly ignored?: readonly string[] | undefined;
}

/**
 * Plans a restore, by listings. A checkpoint whose manifest cannot be read is passed over, as an older one and a longer log give
 * the same.
 *
 * @throws TelepoolError `COPY_NOT_FOUND`, `COPY_DAMAGED`
 */
export async function planRestore(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  point: RestorePoint,
  signal: AbortSignal | undefined,
  { known, ignored = [] }: CheckpointChoice = {},
): Promise<RestorePlan> {
  const checkpoints = await readableCheckpoints(bucket, keys, source, ignored, signal);
  const oldest = checkpoints.reduce<FoundCheckpoint | undefined>(
    (a, b) => (a !== undefined && a.settled <= b.settled ? a : b),
    undefined,
  );
  if (oldest === undefined) throw await noCheckpoint(bucket, keys, source, signal);
  const log: FoundLog[] = [];
  for await (const page of listLog(bucket, keys, Math.min(...checkpoints.map(({ base }) => base)), signal))
    log.push(...page);
  if (point === undefined) checkEnd(keys, log, checkpoints);
  const sequence = await lastWanted(bucket, keys, point, { oldest, checkpoints, log }, signal);
  const usable = checkpoints.filter(({ settled }) => settled <= sequence);
  const newest = usable.reduce((a, b) => (b.settled >= a.settled ? b : a), oldest);
  const checkpoint = usable.find(({ key }) => key === known) ?? newest;
  if (checkpoint.settled > sequence) throw tooEarly(oldest);
  const wanted = log.filter((object) => object.sequence > checkpoint.base && object.sequence <= sequence);
  if (wanted.length !== sequence - checkpoint.base) throw missing(keys.log(firstGap(wanted, checkpoint.base)));
  for (const { key, bytes } of wanted) if (bytes === 0) throw damaged(key, "it is empty");
  return { source, checkpoint, log: wanted, sequence };
}

/** The finished checkpoints that can be read; throws what is wrong with one when none can. */
async function readableCheckpoints(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  ignored: readonly string[],
  signal: AbortSignal | undefined,
): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  let damage: unknown;
  for await (const page of bucket.list(keys.manifests, { signal })) {
    for (const { key } of page.filter((info) => !isNamed(ignored, info.key))) {
      try {
        const checkpoint = await readCheckpoint(bucket, keys, source, key, signal);
        if (checkpoint !== undefined) found.push(checkpoint);
      } catch (error) {
        if (!isTelepoolError(error, "COPY_DAMAGED")) throw error;
        damage ??= error;
      }
    }
  }
  if (found.length === 0 && damage !== undefined) throw damage;
  return found;
}

/** Whether a checkpoint is one of those that are named, by the key of its manifest or by the folder of its parts. */
function isNamed(names: readonly string[], key: string): boolean {
  return names.some((name) => key === name || key.endsWith(`/${name}.json`) || key.endsWith(`/${name}`));
}

async function noCheckpoint(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  signal: AbortSignal | undefined,
): Promise<TelepoolError> {
  const isThere = (await bucket.head(keys.source, signal)) !== undefined;
  return isThere
    ? new TelepoolError(
        "COPY_NOT_FOUND",
        `the copy ${source} has no finished checkpoint: its first sync has not come to its end`,
      )
    : new TelepoolError("COPY_NOT_FOUND", `there is no copy ${source} at ${bucket.location}`, { field: "source" });
}

/** A log that is wanted to its end has no gap behind the newest checkpoint's base, and reaches as far as that needs. */
function checkEnd(keys: CopyKeys, log: readonly FoundLog[], checkpoints: readonly FoundCheckpoint[]): void {
  const base = Math.max(...checkpoints.map((checkpoint) => checkpoint.base));
  const tail = log.filter(({ sequence }) => sequence > base);
  const end = tail.at(-1)?.sequence ?? base;
  const settled = Math.max(...checkpoints.map((checkpoint) => checkpoint.settled));
  if (tail.length !== end - base || end < settled) throw missing(keys.log(firstGap(tail, base)));
}

interface Found {
  readonly oldest: FoundCheckpoint;
  readonly checkpoints: readonly FoundCheckpoint[];
  readonly log: readonly FoundLog[];
}

/** The number of the last object that is wanted. */
async function lastWanted(
  bucket: Bucket,
  keys: CopyKeys,
  point: RestorePoint,
  { oldest, checkpoints, log }: Found,
  signal: AbortSignal | undefined,
): Promise<number> {
  const end = log.at(-1)?.sequence ?? Math.max(...checkpoints.map(({ base }) => base));
  if (point === undefined) return end;
  if ("sequence" in point) {
    if (point.sequence > end) {
      throw new TelepoolError("COPY_NOT_FOUND", `the log of the copy ends with ${end}`, { field: "to" });
    }
    return point.sequence;
  }
  if (point.time < oldest.completedAt) throw tooEarly(oldest);
  // Times ascend with the numbers, so the last object that is not too late is found by halving.
  const later = log.filter(({ sequence }) => sequence > oldest.settled);
  let [low, high] = [0, later.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const { sequence = 0 } = later[middle - 1] ?? {};
    if ((await timeOfLog(bucket, keys, sequence, signal)) <= point.time) low = middle;
    else high = middle - 1;
  }
  return later[low - 1]?.sequence ?? oldest.settled;
}

function tooEarly({ settled, completedAt }: FoundCheckpoint): TelepoolError {
  const since = new Date(completedAt).toISOString();
  return new TelepoolError(
    "COPY_NOT_FOUND",
    `the copy can be restored as of object ${settled} of its log and later, which is ${since}`,
    { field: "to" },
  );
}

function firstGap(log: readonly FoundLog[], after: number): number {
  const at = log.findIndex(({ sequence }, position) => sequence !== after + 1 + position);
  return after + 1 + (at === -1 ? log.length : at);
}

/**
 * The two levels that look at the bucket alone. All objects of the copy are listed: those that a restore needs must be there, as
 * long and with the MD5 that was noted, and nothing else may be. The second level reads each of them as a restore does.
 */
import type { Bucket, ObjectInfo } from "../bucket/bucket.ts";
import { type FoundCheckpoint, type FoundLog, readCheckpoint } from "../copy/copy-contents.ts";
import { type CopyKeys, padded } from "../copy/keys.ts";
import { CopyReading } from "../restore/read-copy.ts";
import type { Findings } from "./verify-report.ts";

/** What the objects of a copy are. */
export interface CopyObjects {
  readonly checkpoints: readonly FoundCheckpoint[];
  readonly log: readonly FoundLog[];
  /** The number of the log's last object. */
  readonly sequence: number;
  readonly objects: number;
  readonly bytes: number;
}

/** What verifying works with. */
export interface VerifyDeps {
  readonly bucket: Bucket;
  readonly keys: CopyKeys;
  readonly source: string;
  readonly findings: Findings;
  /** How far the log is known to have been; 0 where nobody knows. */
  readonly reached: number;
  readonly signal: AbortSignal | undefined;
}

/** Looks at the listing. */
export async function verifyListing(deps: VerifyDeps): Promise<CopyObjects> {
  const { bucket, keys, findings, signal } = deps;
  const listed = new Map<string, ObjectInfo>();
  for await (const page of bucket.list(keys.root, { signal })) for (const info of page) listed.set(info.key, info);
  const checkpoints = await readableCheckpoints(deps, [...listed.keys()]);
  const log: FoundLog[] = [];
  let bytes = 0;
  for (const info of listed.values()) {
    bytes += info.bytes;
    const sequence = keys.sequenceOf(info.key);
    if (sequence !== undefined) log.push({ ...info, sequence });
    else if (!isOurs(keys, info.key)) findings.add(info.key, "it is not where the copy puts anything");
  }
  if (!listed.has(keys.source)) findings.add(keys.source, "it is missing");
  if (checkpoints.length === 0)
    findings.add(keys.manifests, "no checkpoint was ever finished, so nothing can be restored");
  for (const checkpoint of checkpoints) verifyParts(checkpoint, listed, findings);
  verifyOrder(deps, checkpoints, log);
  const base = Math.max(0, ...checkpoints.map((checkpoint) => checkpoint.base));
  return { checkpoints, log, sequence: log.at(-1)?.sequence ?? base, objects: listed.size, bytes };
}

/** Reads everything; gives back how many rows there were. */
export async function verifyContents(deps: VerifyDeps, { checkpoints, log }: CopyObjects): Promise<number> {
  const { bucket, keys, source, findings, signal } = deps;
  const reading = new CopyReading(bucket, keys, signal);
  let rows = 0;
  for (const checkpoint of checkpoints) {
    for (const part of checkpoint.parts) {
      try {
        rows += (await reading.part(part)).rows.length;
      } catch (error) {
        if (!(await isLetGo(deps, part.key))) findings.addDamage(part.key, error);
      }
    }
  }
  let previous: Pick<FoundLog, "sequence"> & { readonly sha256: string } = { sequence: 0, sha256: "" };
  for (const found of log) {
    try {
      const before = found.sequence === previous.sequence + 1 ? previous.sha256 : undefined;
      const object = await reading.object(found, source, before);
      const { profiles, events, sessions, deleted } = object.header.rows;
      rows += profiles + events + sessions + deleted;
      previous = { sequence: found.sequence, sha256: object.sha256 };
      for (const checkpoint of checkpoints) {
        if (checkpoint.base === found.sequence && checkpoint.baseSha256 !== object.sha256) {
          findings.add(checkpoint.key, "it does not follow the object of the log that it says it follows");
        }
      }
    } catch (error) {
      if (!(await isLetGo(deps, found.key))) findings.addDamage(found.key, error);
    }
  }
  return rows;
}

/** Whether an object that was listed is gone because no checkpoint needs it any more: retention may be at work meanwhile. */
async function isLetGo({ bucket, keys, signal }: VerifyDeps, key: string): Promise<boolean> {
  if ((await bucket.head(key, signal)) !== undefined) return false;
  const manifests = (await Array.fromAsync(bucket.list(keys.manifests, { signal }))).flat();
  const checkpoints = manifests.flatMap((manifest) => keys.manifestOf(manifest.key) ?? []);
  const sequence = keys.sequenceOf(key);
  if (sequence !== undefined) return checkpoints.length > 0 && checkpoints.every(({ base }) => base > sequence);
  const checkpoint = keys.checkpointOf(key);
  return !checkpoints.some(({ base, id }) => `${padded(base)}-${id}` === checkpoint);
}

/** The checkpoints whose manifests can be read; the others are findings. */
async function readableCheckpoints(
  { bucket, keys, source, findings, signal }: VerifyDeps,
  listed: readonly string[],
): Promise<FoundCheckpoint[]> {
  const found: FoundCheckpoint[] = [];
  for (const key of listed.filter((name) => keys.manifestOf(name) !== undefined)) {
    try {
      const checkpoint = await readCheckpoint(bucket, keys, source, key, signal);
      if (checkpoint !== undefined) found.push(checkpoint);
    } catch (error) {
      findings.addDamage(key, error);
    }
  }
  return found;
}

/** Whether a key is of a kind that a copy has. */
function isOurs(keys: CopyKeys, key: string): boolean {
  return key === keys.source || keys.manifestOf(key) !== undefined || keys.checkpointOf(key) !== undefined;
}

function verifyParts(checkpoint: FoundCheckpoint, listed: ReadonlyMap<string, ObjectInfo>, findings: Findings): void {
  for (const { key, bytes, md5 } of checkpoint.parts) {
    const info = listed.get(key);
    if (info === undefined) findings.add(key, "it is missing");
    else if (info.bytes !== bytes) findings.add(key, `it has ${info.bytes} bytes, and was put with ${bytes}`);
    else if (info.etag !== md5) findings.add(key, "its MD5 is not the one that it was put with");
  }
}

/**
 * The log has no gap behind the oldest checkpoint's base, and reaches to where the newest has settled. Of what is before that
 * base any may be gone: then retention is at work, or broke off.
 */
function verifyOrder(
  { keys, findings, reached }: VerifyDeps,
  checkpoints: readonly FoundCheckpoint[],
  log: FoundLog[],
): void {
  const settled = Math.max(0, ...checkpoints.map((checkpoint) => checkpoint.settled));
  const oldest = Math.min(...checkpoints.map(({ base }) => base));
  const sequences = new Set(log.map(({ sequence }) => sequence));
  const end = Math.max(settled, log.at(-1)?.sequence ?? 0, reached);
  const first = Number.isFinite(oldest) ? oldest + 1 : (log[0]?.sequence ?? 1);
  for (let sequence = first; sequence <= end; sequence++) {
    if (!sequences.has(sequence)) findings.add(keys.log(sequence), "it is missing");
  }
  for (const { key, bytes } of log) if (bytes === 0) findings.add(key, "it is empty");
}

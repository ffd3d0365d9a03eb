/** The copies that are below a prefix. */
import type { Bucket } from "../bucket/bucket.ts";
import { CopyKeys, copiesRoot, sourceOfKey } from "./keys.ts";
import { getSource, type SourceObject } from "./source-object.ts";

/** A copy in a bucket. */
export interface Copy extends SourceObject {
  /** When its last object was put, by the storage's clock: milliseconds since 1970. */
  readonly lastPutAt: number;
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
    let lastPutAt = about.startedAt;
    for await (const page of bucket.list(keys.logs, { signal }))
      lastPutAt = Math.max(lastPutAt, page.at(-1)?.modifiedMs ?? 0);
    copies.push({ ...about, lastPutAt });
  }
  return copies;
}

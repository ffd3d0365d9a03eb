/**
 * Deleting many objects, and looking whether they are gone: DeleteObjects has answered 200 while objects stayed. What
 * stayed is deleted again, with growing pauses, as long as requests are repeated at all.
 */
import type { ObjectHead, ObjectInfo } from "./bucket.ts";
import { BrokenAnswer } from "./s3-failure.ts";

/** As many as DeleteObjects takes. */
const PIECE = 1000;
/** So few are cheaper to ask for one by one than to list. */
const FEW = 10;

/** What deleting needs of a bucket. */
export interface Deleting {
  repeat(attempt: () => Promise<void>): Promise<void>;
  head(key: string): Promise<ObjectHead | undefined>;
  list(prefix: string, startAfter: string): AsyncIterable<readonly ObjectInfo[]>;
  /** At most 1000. */
  send(keys: readonly string[]): Promise<void>;
}

export async function deleteSurely(keys: readonly string[], bucket: Deleting): Promise<void> {
  const sorted = [...new Set(keys)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (let at = 0; at < sorted.length; at += PIECE) {
    let left = sorted.slice(at, at + PIECE);
    const total = left.length;
    await bucket.repeat(async () => {
      await bucket.send(left);
      left = await whatStayed(left, bucket);
      if (left.length > 0) throw new BrokenAnswer(`${left.length} of ${total} objects stayed, such as ${left[0]}`);
    });
  }
}

/** The keys are in byte order, as a listing is. */
async function whatStayed(keys: readonly string[], bucket: Deleting): Promise<string[]> {
  const [first, last] = [keys[0], keys.at(-1)];
  if (keys.length <= FEW || first === undefined || last === undefined) {
    const heads = await Promise.all(keys.map((key) => bucket.head(key)));
    return keys.filter((_, index) => heads[index] !== undefined);
  }
  const wanted = new Set(keys);
  const stayed = (await bucket.head(first)) === undefined ? [] : [first]; // a listing begins after a key, not at it
  for await (const page of bucket.list(commonPrefix(first, last), first)) {
    stayed.push(...page.map(({ key }) => key).filter((key) => wanted.has(key)));
    if (page.some(({ key }) => Buffer.compare(Buffer.from(key), Buffer.from(last)) >= 0)) break;
  }
  return stayed;
}

/** Of the first and the last key in order, and so of all between them. */
function commonPrefix(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  const cutsPair = /[\ud800-\udbff]$/.test(first.slice(0, length));
  return first.slice(0, cutsPair ? length - 1 : length);
}

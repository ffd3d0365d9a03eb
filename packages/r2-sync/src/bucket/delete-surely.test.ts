import { expect, test } from "bun:test";
import type { ObjectInfo } from "./bucket.ts";
import { type Deleting, deleteSurely } from "./delete-surely.ts";

/** A bucket in memory, whose deletions may do nothing. */
class MemoryBucket implements Deleting {
  readonly pieces: number[] = [];
  readonly lists: string[] = [];
  heads = 0;
  idle = 0;
  readonly #keys: Set<string>;

  constructor(keys: readonly string[]) {
    this.#keys = new Set(keys);
  }

  get keys(): string[] {
    return [...this.#keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async repeat(attempt: () => Promise<void>): Promise<void> {
    for (let left = 5; ; left--) {
      try {
        return await attempt();
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }

  async head(key: string) {
    this.heads++;
    return this.#keys.has(key) ? info(key) : undefined;
  }

  async *list(prefix: string, startAfter: string) {
    this.lists.push(prefix);
    const found = this.keys.filter(
      (key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0,
    );
    for (let at = 0; at < found.length; at += 100) yield found.slice(at, at + 100).map(info);
  }

  async send(keys: readonly string[]): Promise<void> {
    this.pieces.push(keys.length);
    if (this.idle-- > 0) return;
    for (const key of keys) this.#keys.delete(key);
  }
}

function info(key: string): ObjectInfo & { metadata: Record<string, string> } {
  return { key, bytes: 1, etag: "", modifiedMs: 0, metadata: {} };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `log/${String(index).padStart(5, "0")}`);
}

test("a thousand at a time are deleted, and looked for by one list and one head each", async () => {
  const bucket = new MemoryBucket([...numbered(2500), "log/other", "other"]);
  await deleteSurely(numbered(2500), bucket);
  expect(bucket.keys).toEqual(["log/other", "other"]);
  expect(bucket.pieces).toEqual([1000, 1000, 500]);
  expect([bucket.lists, bucket.heads]).toEqual([["log/00", "log/01", "log/02"], 3]);
});

test("a few are looked for one by one", async () => {
  const bucket = new MemoryBucket(numbered(100));
  await deleteSurely(numbered(10), bucket);
  expect([bucket.lists, bucket.heads]).toEqual([[], 10]);
});

test("only what stayed is deleted again", async () => {
  const bucket = new MemoryBucket(numbered(20));
  const send = bucket.send.bind(bucket);
  bucket.send = (keys) => send(keys.length === 20 ? keys.filter((_, index) => index % 4 > 0) : keys);
  await deleteSurely(numbered(20), bucket);
  expect(bucket.keys).toEqual([]);
  expect(bucket.pieces).toEqual([15, 5]);
});

test("what stays is told", async () => {
  const bucket = new MemoryBucket(numbered(30));
  bucket.idle = 99;
  await expect(deleteSurely(numbered(30), bucket)).rejects.toThrow("30 of 30 objects stayed, such as log/00000");
});

test("keys that differ in half of a character are looked for by what they share as a whole", async () => {
  const emoji = ["\u{1f600}", "\u{1f601}"].flatMap((name) => numbered(6).map((key) => `${name}${key}`));
  const bucket = new MemoryBucket(emoji);
  await deleteSurely(emoji, bucket);
  expect([bucket.keys, bucket.lists]).toEqual([[], [""]]);
});

/** A copy with two checkpoints: one in front of the log's first object, and one behind its second; the log has five. */
import type { StoredObject } from "../../src/bucket/bucket.ts";
import { type CopyBench, keysWith, openCopyBench, someProfiles } from "./copy-bench.ts";

export interface CopyWithHistory extends CopyBench {
  readonly source: string;
  /** The keys of the log, in their order. */
  readonly log: readonly string[];
  readonly manifests: readonly string[];
  /** The parts of the second checkpoint that hold profiles. */
  readonly parts: readonly string[];
}

export async function openCopyWithHistory(): Promise<CopyWithHistory> {
  const bench = await openCopyBench();
  const { store, sync } = bench;
  await store.insertProfiles(someProfiles(20, "first"));
  const { source } = await sync.now();
  for (let object = 1; object <= 2; object++) await oneMore(bench, object);
  await sync.checkpoint();
  for (let object = 3; object <= 5; object++) await oneMore(bench, object);
  const manifests = await keysWith(bench, "/checkpoints/");
  const [, second = ""] = manifests.map((key) => /checkpoints\/(.*)\.json$/.exec(key)?.[1]);
  return {
    ...bench,
    source,
    log: await keysWith(bench, "/log/"),
    manifests,
    parts: await keysWith(bench, `/data/${second}/profiles/`),
  };
}

/** What becomes an object of the log: new rows of both kinds, and the oldest profile gone. */
async function oneMore({ store, sync }: CopyBench, object: number): Promise<void> {
  await store.insertProfiles(someProfiles(5, `object-${object}`));
  await store.recordEvent("done", { object }, object % 2 === 0 ? null : `object-${object}-session-0`);
  await store.prune({ maxRows: 19 + object * 4, only: "profiles" });
  await sync.now();
}

/** All objects of a copy as they are now, to be put back. */
export class ObjectsAsTheyWere {
  readonly #bench: CopyBench;
  readonly #objects: ReadonlyMap<string, StoredObject>;

  private constructor(bench: CopyBench, objects: ReadonlyMap<string, StoredObject>) {
    this.#bench = bench;
    this.#objects = objects;
  }

  static async look(bench: CopyBench): Promise<ObjectsAsTheyWere> {
    const objects = new Map<string, StoredObject>();
    for (const key of await keysWith(bench, "/")) {
      const found = await bench.bucket.get(key);
      if (found !== undefined) objects.set(key, found);
    }
    return new ObjectsAsTheyWere(bench, objects);
  }

  async putBack(): Promise<void> {
    const { bucket, prefix } = this.#bench;
    const listed = new Map((await Array.fromAsync(bucket.list(prefix))).flat().map(({ key, etag }) => [key, etag]));
    await bucket.delete([...listed.keys()].filter((key) => !this.#objects.has(key)));
    for (const [key, { content, metadata, etag }] of this.#objects) {
      if (listed.get(key) !== etag) await bucket.put(key, content, { metadata });
    }
  }
}

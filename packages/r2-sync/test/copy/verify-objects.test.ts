/** What the levels `list` and `get` find of what can happen to the objects of a copy, and that no restore takes it for whole. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { openRestoreTarget } from "@telepool/core/sync";
import { R2Sync } from "../../src/r2-sync.ts";
import { failure } from "../bucket/r2-fixture.ts";
import { type CopyBench, emptyStore, keysWith, rowsOf, syncOptions } from "./copy-bench.ts";
import { type CopyWithHistory, ObjectsAsTheyWere, openCopyWithHistory } from "./copy-with-history.ts";

let copy: CopyWithHistory;
let before: ObjectsAsTheyWere;

beforeAll(async () => {
  copy = await openCopyWithHistory();
  before = await ObjectsAsTheyWere.look(copy);
});
afterEach(() => before.putBack());
afterAll(() => copy[Symbol.asyncDispose]());

/** Puts other content in the place of an object, and keeps what stands beside it. */
async function replace({ bucket }: CopyBench, key: string, content: (old: Uint8Array) => Uint8Array): Promise<void> {
  const found = await bucket.get(key);
  if (found === undefined) throw new Error(`there is no ${key}`);
  await bucket.put(key, content(found.content), { metadata: found.metadata });
}

const flipped = (old: Uint8Array) => old.map((byte, at) => (at === old.length >> 1 ? byte ^ 1 : byte));
const halved = (old: Uint8Array) => old.subarray(0, old.length >> 1);
const emptied = () => new Uint8Array();

/** Puts an object under another's key, with its own metadata. */
async function copyObject(from: CopyBench, fromKey: string, to: CopyBench, toKey: string): Promise<void> {
  const found = await from.bucket.get(fromKey);
  if (found === undefined) throw new Error(`there is no ${fromKey}`);
  await to.bucket.put(toKey, found.content, { metadata: found.metadata });
}

async function swap(copy: CopyBench, a: string, b: string): Promise<void> {
  const first = await copy.bucket.get(a);
  await copyObject(copy, b, copy, a);
  if (first !== undefined) await copy.bucket.put(b, first.content, { metadata: first.metadata });
}

interface Damage {
  readonly what: string;
  /** Gives back the keys that are to be found. */
  readonly happens: (copy: CopyWithHistory) => Promise<readonly string[]>;
  /** Whether the listing shows it. */
  readonly isListed: boolean;
  /** Whether a restore does without it. */
  readonly isPassedOver?: true;
}

async function damage(copy: CopyBench, key = "", content: (old: Uint8Array) => Uint8Array): Promise<[string]> {
  await replace(copy, key, content);
  return [key];
}

async function remove({ bucket }: CopyBench, key = ""): Promise<[string]> {
  await bucket.delete([key]);
  return [key];
}

const damages: Damage[] = [
  {
    what: "an object of the log with one other bit",
    happens: (copy) => damage(copy, copy.log[3], flipped),
    isListed: false,
  },
  {
    what: "an object of the log that was cut short",
    happens: (copy) => damage(copy, copy.log[3], halved),
    isListed: false,
  },
  {
    what: "the last object of the log with one other bit",
    happens: (copy) => damage(copy, copy.log[4], flipped),
    isListed: false,
  },
  { what: "an empty object of the log", happens: (copy) => damage(copy, copy.log[3], emptied), isListed: true },
  { what: "a gap in the log", happens: (copy) => remove(copy, copy.log[3]), isListed: true },
  {
    what: "two objects of the log in each other's place",
    happens: async (copy) => {
      const [, , , a = "", b = ""] = copy.log;
      await swap(copy, a, b);
      return [a, b];
    },
    isListed: false,
  },
  {
    what: "an object of another copy's log",
    happens: async (copy) => {
      await using other = await openCopyWithHistory();
      const [, , , key = ""] = copy.log;
      await copyObject(other, other.log[3] ?? "", copy, key);
      return [key];
    },
    isListed: false,
  },
  {
    what: "a foreign object among those of the log",
    happens: async ({ bucket, log: [key = ""] }) => {
      const foreign = `${key.slice(0, key.lastIndexOf("/"))}/zzz`;
      await bucket.put(foreign, new Uint8Array([1]));
      return [foreign];
    },
    isListed: true,
  },
  {
    what: "a manifest with one other bit",
    happens: (copy) => damage(copy, copy.manifests[1], flipped),
    isListed: true,
    isPassedOver: true,
  },
  {
    what: "an older checkpoint's manifest in the place of the newest",
    happens: async (copy) => {
      const [older = "", newest = ""] = copy.manifests;
      await copyObject(copy, older, copy, newest);
      return [newest];
    },
    isListed: true,
    isPassedOver: true,
  },
  { what: "a missing part", happens: (copy) => remove(copy, copy.parts[0]), isListed: true },
  { what: "a part with one other bit", happens: (copy) => damage(copy, copy.parts[0], flipped), isListed: true },
  { what: "a part that was cut short", happens: (copy) => damage(copy, copy.parts[0], halved), isListed: true },
];

test.each(damages.map((one): [string, Damage] => [one.what, one]))(
  "%s is found by its key, and no restore takes it for whole",
  async (_: string, { happens, isListed, isPassedOver }: Damage) => {
    const keys = [...(await happens(copy))];
    const listed = await copy.archive.verify({ level: "list" });
    const got = await copy.archive.verify({ level: "get" });
    expect(listed.findings.map(({ where }) => where)).toEqual(isListed ? keys : []);
    expect(got.findings.map(({ where }) => where)).toEqual(expect.arrayContaining(keys));
    expect([listed.ok, got.ok]).toEqual([!isListed, false]);
    await using target = emptyStore();
    if (isPassedOver) {
      await copy.archive.restore(target);
      expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
      return;
    }
    const { message } = await failure(copy.archive.restore(target), "COPY_DAMAGED");
    expect(message).toContain(keys[0] ?? "no key");
    await expectNotWhole(copy, target);
  },
);

/** It is empty, or says that it is not whole, and then refuses to be copied. */
async function expectNotWhole(copy: CopyBench, target: ReturnType<typeof emptyStore>): Promise<void> {
  if ((await rowsOf(target)).size === 0) return;
  expect(await (await openRestoreTarget(target)).notes.get("restore")).toBeDefined();
  await using sync = new R2Sync({ ...syncOptions(copy), prefix: `${copy.prefix}again` });
  await sync.attach(target);
  await failure(sync.now(), "RESTORE_UNFINISHED");
}

test("a checkpoint with a damaged part can be left out: an older one and more of the log give the same", async () => {
  await damage(copy, copy.parts.at(-1), flipped);
  await using target = emptyStore();
  await failure(copy.archive.restore(target), "COPY_DAMAGED");
  const ignoreCheckpoints = [copy.manifests[1] ?? ""];
  await copy.archive.restore(target, { ignoreCheckpoints, onRows: "replace" });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("a copy that is whole has no finding at any level, and is restored", async () => {
  for (const level of ["list", "get", "restore"] as const) {
    const report = await copy.archive.verify({ level });
    expect(report).toMatchObject({ level, ok: true, findings: [], sequence: 5, checkpoints: 2 });
  }
  expect(await copy.sync.verify("database")).toMatchObject({ ok: true, findings: [], sequence: 5 });
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("objects before the newest checkpoint may be damaged: the newest state is restored, and the damage found", async () => {
  await damage(copy, copy.log[0], flipped);
  expect((await copy.archive.verify()).findings.map(({ where }) => where)).toContain(copy.log[0] ?? "");
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
  await using older = emptyStore();
  await failure(copy.archive.restore(older, { to: { sequence: 1 } }), "COPY_DAMAGED");
});

test("a foreign object below the copy's root is found, and is in the way of no restore", async () => {
  const key = `${copy.prefix}v1/${copy.source}/notes.txt`;
  await copy.bucket.put(key, new Uint8Array([1]));
  expect((await copy.archive.verify({ level: "list" })).findings.map(({ where }) => where)).toEqual([key]);
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("without the newest manifest the older checkpoint is restored, with all of the log behind it", async () => {
  await remove(copy, copy.manifests[1]);
  expect(await copy.archive.verify()).toMatchObject({ ok: true, checkpoints: 1 }); // it looks like one that was never finished
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("without any manifest nothing can be restored, and the listing says so", async () => {
  await copy.bucket.delete(copy.manifests);
  const { findings } = await copy.archive.verify({ level: "list" });
  expect(findings.map(({ problem }) => problem)).toContain(
    "no checkpoint was ever finished, so nothing can be restored",
  );
  await using target = emptyStore();
  await failure(copy.archive.restore(target), "COPY_NOT_FOUND");
});

test("a checkpoint that was never finished is no finding", async () => {
  const part = `${copy.prefix}v1/${copy.source}/data/00000000000000000005-abcdef/profiles/day=2026-01-01/part-000001-abcdef.parquet`;
  await copy.bucket.put(part, new Uint8Array([1]));
  expect(await copy.archive.verify()).toMatchObject({ ok: true, findings: [] });
});

test("without the object that says what it is of, a copy is found only by its name", async () => {
  const [key] = await remove(copy, `${copy.prefix}v1/${copy.source}/source.json`);
  const report = await copy.archive.verify({ level: "list", source: copy.source });
  expect(report.findings).toEqual([{ where: key, problem: "it is missing" }]);
  await using target = emptyStore();
  await failure(copy.archive.restore(target), "COPY_NOT_FOUND");
  await copy.archive.restore(target, { source: copy.source });
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

test("without the log's last object only the database knows that something is missing", async () => {
  const [key] = await remove(copy, copy.log[4]);
  expect(await copy.archive.verify()).toMatchObject({ ok: true, sequence: 4 });
  for (const level of ["list", "get", "database", "restore"] as const) {
    const { ok, findings } = await copy.sync.verify(level);
    expect([level, ok, findings]).toEqual([level, false, [{ where: key, problem: "it is missing" }]]);
  }
  await using other = new R2Sync(copy.options);
  await other.attach(copy.store);
  const error = await failure(other.now(), "COPY_DAMAGED");
  expect([error.field, error.message]).toEqual(["sync.bucket", expect.stringContaining(key)]);
});

test("a log whose beginning retention has deleted only in part is no finding", async () => {
  const [oldest = ""] = copy.manifests;
  const parts = await keysWith(copy, `/data/${oldest.replace(/^.*\/|\.json$/g, "")}/`);
  await copy.bucket.delete([oldest, ...parts, copy.log[0] ?? ""]); // the second, which nobody needs, is still there
  expect(await copy.archive.verify()).toMatchObject({ ok: true, findings: [], checkpoints: 1 });
  await using target = emptyStore();
  await copy.archive.restore(target);
  expect(await rowsOf(target)).toEqual(await rowsOf(copy.store));
});

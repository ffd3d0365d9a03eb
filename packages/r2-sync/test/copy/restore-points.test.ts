/** Restoring to a number or to a time gives exactly the rows of then, by whichever checkpoint. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadDriver, TelemetryPool } from "@telepool/core";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import type { RestorePoint } from "../../src/restore/restore-plan.ts";
import { type Bench, failure, openBench } from "../bucket/r2-fixture.ts";
import { emptyStore, rowsOf, someProfiles, syncOptions } from "./copy-bench.ts";
import { HandClock } from "./hand-clock.ts";

/** What the store held when something was copied. */
interface Snapshot {
  readonly sequence: number;
  /** When: a minute lies between two of them. */
  readonly at: number;
  readonly rows: ReadonlyMap<string, bigint>;
}

const MINUTE_MS = 60_000;

let bench: Bench;
let archive: R2Archive;
const snapshots: Snapshot[] = [];

/** Six states, a minute apart, with checkpoints at the first, the third and the fifth. */
beforeAll(async () => {
  bench = await openBench();
  archive = new R2Archive(bench.bucket, bench.prefix);
  const clock = new HandClock();
  await using store = new TelemetryPool({ driver: await loadDriver("sqlite", { path: ":memory:" }), clock });
  await using sync = new R2Sync(syncOptions(bench));
  await sync.attach(store);
  for (let state = 0; state <= 5; state++) {
    await store.insertProfiles(someProfiles(12, `state-${state}`));
    await store.recordEvent("state", { state }, null);
    await store.prune({ maxRows: 30 });
    const { sequence } = await sync.now();
    if (state === 2 || state === 4) await sync.checkpoint();
    snapshots.push({ sequence, at: clock.wallMs(), rows: await rowsOf(store) });
    await clock.advance(MINUTE_MS);
  }
});
afterAll(() => bench[Symbol.asyncDispose]());

/** Restores, and gives back the rows and how much was read. */
async function restored(to: RestorePoint) {
  await using target = emptyStore();
  const { sequence, objects } = await archive.restore(target, { to });
  return { rows: await rowsOf(target), sequence, objects };
}

test.each([0, 1, 2, 3, 4, 5])("state %d is restored by its number", async (state) => {
  const snapshot = snapshots[state];
  const { rows, sequence } = await restored({ sequence: snapshot?.sequence ?? -1 });
  expect(sequence).toBe(snapshot?.sequence ?? -1);
  expect(rows).toEqual(new Map(snapshot?.rows));
});

test.each([0, 1, 2, 3, 4, 5])(
  "state %d is restored by its time, and by a time shortly before the next",
  async (state) => {
    const { at = 0, rows = new Map() } = snapshots[state] ?? {};
    expect((await restored({ time: at })).rows).toEqual(new Map(rows));
    expect((await restored({ time: at + MINUTE_MS - 1 })).rows).toEqual(new Map(rows));
  },
);

test("the newest checkpoint that is not too new is taken, so that little of the log is read", async () => {
  const manifests = (await Array.fromAsync(bench.bucket.list(bench.prefix))).flat().filter(({ key }) => {
    return key.includes("/checkpoints/");
  });
  expect(manifests).toHaveLength(3);
  const logRead: number[] = [];
  for (const { sequence } of snapshots) {
    bench.proxy.requests.length = 0;
    await restored({ sequence });
    logRead.push(bench.proxy.requests.filter(({ method, key }) => method === "GET" && key.includes("/log/")).length);
  }
  expect(logRead).toEqual([0, 1, 0, 1, 0, 1]);
});

test("a time before the first checkpoint is refused, and the message says since when there is something", async () => {
  await using target = emptyStore();
  const [{ at } = { at: 0 }] = snapshots;
  const error = await failure(archive.restore(target, { to: { time: at - 1 } }), "COPY_NOT_FOUND");
  expect([error.field, error.message]).toEqual(["to", expect.stringContaining(new Date(at).toISOString())]);
});

test("a number behind the log's end is refused, and the message says where that is", async () => {
  await using target = emptyStore();
  const { message } = await failure(archive.restore(target, { to: { sequence: 6 } }), "COPY_NOT_FOUND");
  expect(message).toContain("ends with 5");
});

test("a time after the end gives everything", async () => {
  const { rows } = await restored({ time: Number.MAX_SAFE_INTEGER });
  expect(rows).toEqual(new Map(snapshots.at(-1)?.rows));
});

test("of several copies at one place one must be named; each is restored by its name", async () => {
  await using other = emptyStore();
  await other.insertProfiles(someProfiles(2, "other"));
  await using sync = new R2Sync(syncOptions(bench));
  await sync.attach(other);
  const { source } = await sync.now();
  await using target = emptyStore();
  const { message } = await failure(archive.restore(target), "COPY_NOT_FOUND");
  expect(message).toContain(source);
  await archive.restore(target, { source });
  expect(await rowsOf(target)).toEqual(await rowsOf(other));
  expect((await archive.copies()).map((copy) => copy.source)).toContain(source);
});

test("where there is no copy, the message says where that is", async () => {
  await using target = emptyStore();
  const nowhere = new R2Archive(bench.bucket, `${bench.prefix}nowhere/`);
  const { message } = await failure(nowhere.restore(target), "COPY_NOT_FOUND");
  expect(message).toContain(`${bench.prefix}nowhere/`);
});

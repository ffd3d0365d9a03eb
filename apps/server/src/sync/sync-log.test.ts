import { expect, test } from "bun:test";
import type { SyncStatus } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";
import { IDLE } from "../../test/fake-sync.ts";
import type { LogEntry } from "../observability/log.ts";
import { SyncLog } from "./sync-log.ts";

function watched() {
  const clock = new FakeClock();
  const entries: LogEntry[] = [];
  let status: SyncStatus = IDLE;
  const watching = new SyncLog({ status: () => status, log: (entry) => entries.push(entry), clock });
  /** What is said within a minute in which the copy stands so. */
  const saidOf = async (change: Partial<SyncStatus>) => {
    status = { ...status, ...change };
    entries.length = 0;
    await clock.advance(60_000);
    return [...entries];
  };
  return { saidOf, entries, watching, clock };
}

const failure = (code: "STORAGE_UNREACHABLE" | "COPY_FENCED", at: number) => ({ code, at, message: `${code} it is` });
const proof = (ok: boolean, at: number) => ({ ok, at, sequence: 7, rows: 3, durationMs: 5, message: "as it was" });

test("where the copy goes is said at the start", () => {
  const { entries } = watched();
  expect(entries).toMatchObject([{ level: "info", message: expect.any(String), location: IDLE.location }]);
});

test("a failure is said once, however often it is met, and once that it is over", async () => {
  const { saidOf } = watched();
  expect(await saidOf({})).toEqual([]);
  expect(await saidOf({ state: "failing", lastError: failure("STORAGE_UNREACHABLE", 1) })).toMatchObject([
    { level: "warn", error: { code: "STORAGE_UNREACHABLE", message: "STORAGE_UNREACHABLE it is" } },
  ]);
  expect(await saidOf({ state: "syncing", lastError: failure("STORAGE_UNREACHABLE", 2) })).toEqual([]);
  expect(await saidOf({ state: "idle", lastError: null })).toMatchObject([{ level: "info" }]);
  expect(await saidOf({})).toEqual([]);
});

test("that the bucket belongs to another database is an error of its own", async () => {
  const { saidOf } = watched();
  await saidOf({ lastError: failure("STORAGE_UNREACHABLE", 1) });
  const [entry] = await saidOf({ lastError: failure("COPY_FENCED", 2) });
  expect(entry).toMatchObject({ level: "error", error: { code: "COPY_FENCED" } });
  expect(entry?.message).toContain("did not come from this database");
});

test("a proof that failed is said, and the next that succeeds; one that succeeds after another is no news", async () => {
  const { saidOf } = watched();
  expect(await saidOf({ proof: proof(true, 1) })).toEqual([]);
  expect(await saidOf({ proof: proof(false, 2) })).toMatchObject([{ level: "error", reason: "as it was" }]);
  expect(await saidOf({ proof: proof(false, 3) })).toMatchObject([{ level: "error" }]);
  expect(await saidOf({ proof: proof(true, 4) })).toMatchObject([{ level: "info" }]);
  expect(await saidOf({ proof: proof(true, 5) })).toEqual([]);
});

test("what a copy leaves when it ends is counted", () => {
  const entries: LogEntry[] = [];
  const status = (): SyncStatus => ({ ...IDLE, state: "stopped", pendingRows: 5 });
  using watching = new SyncLog({ status, log: (entry) => entries.push(entry), clock: new FakeClock() });
  watching.look();
  expect(entries.at(-1)).toMatchObject({ level: "warn", rows: 5 });
});

test("one that is disposed of sets no timers", async () => {
  const { watching, clock, saidOf } = watched();
  watching[Symbol.dispose]();
  expect(clock.pendingTimers).toBe(0);
  expect(await saidOf({ lastError: failure("COPY_FENCED", 1) })).toEqual([]);
});

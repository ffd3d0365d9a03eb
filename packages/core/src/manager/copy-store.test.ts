/** What copying does to two databases at rest. */
import { describe, expect, test } from "bun:test";
import { CopyRig, contentsOf, fill, someProfiles } from "../../test/copy-rig.ts";
import { systemClock } from "../clock.ts";
import type { SqlStatement } from "../driver/driver.ts";
import { isTelepoolError, type TelepoolError } from "../errors.ts";
import { loadDriver } from "../factory.ts";
import { TelemetryPool } from "../telemetry-pool.ts";
import { fakeDriver } from "../testing/fake-driver.ts";
import { overrideConnection, wrapConnections } from "../testing/wrap-driver.ts";
import type { CopyOptions, CopyProgress } from "./copy-report.ts";
import { copyStore } from "./copy-store.ts";

async function refusalOf(from: TelemetryPool, to: TelemetryPool, options?: CopyOptions): Promise<TelepoolError> {
  const error = await copyStore(from, to, options).catch((thrown: unknown) => thrown);
  return isTelepoolError(error) ? error : expect.unreachable(String(error));
}

test("a copy has all sessions, profiles and events, and the proof of it", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 5000);
  const { sessions, profiles, events, ...rest } = await copyStore(from, to);
  expect(rest).toEqual({ differences: [], differenceCount: 0, moving: 0, verified: true });
  expect([sessions.copied, profiles.copied, events.copied]).toEqual([50, 5000, 500]);
  for (const { source, target, copied, skipped } of [sessions, profiles, events]) {
    expect(source).toEqual(target);
    expect(source.checksum).toMatch(/^[0-9a-f]{32}$/);
    expect([source.rows, skipped]).toEqual([copied, 0]);
  }
  expect(await contentsOf(to)).toEqual(await contentsOf(from));
});

test("the target's listeners hear of every profile and event, the source's of none", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 1500);
  const told: string[] = [];
  from.onStored(() => told.push("source"));
  to.onStored(({ kind, rows }) => told.push(...rows.map(() => kind)));
  await copyStore(from, to);
  expect(told.length).toBe(1650);
  expect(told.filter((kind) => kind === "events").length).toBe(150);
});

test("an empty store is copied as one", async () => {
  await using rig = await CopyRig.create();
  const { verified, profiles } = await copyStore(await rig.open("from"), await rig.open("to"));
  expect({ verified, rows: profiles.target.rows, checksum: Number(profiles.target.checksum) }).toEqual({
    verified: true,
    rows: 0,
    checksum: 0,
  });
});

test("a database in memory can be copied into another one", async () => {
  const memory = async () => new TelemetryPool({ driver: await loadDriver("sqlite", { path: ":memory:" }) });
  const [from, to] = [await memory(), await memory()];
  await from.insertProfiles(someProfiles(1200));
  expect(await copyStore(from, to)).toMatchObject({ verified: true, profiles: { copied: 1200 } });
  await Promise.all([from.close(), to.close()]);
});

test("a copy that is done can be run again with resume, and writes nothing", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 2500);
  await copyStore(from, to);
  const again = await copyStore(from, to, { resume: true });
  expect(again).toMatchObject({
    verified: true,
    sessions: { copied: 0, skipped: 50 },
    profiles: { copied: 0, skipped: 2500 },
    events: { copied: 0, skipped: 250 },
  });
});

describe("refused is", () => {
  test("a target that holds rows, without resume, with their number", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await to.insertProfiles(someProfiles(3));
    await to.recordEvent("click");
    const { code, field, message } = await refusalOf(from, to);
    expect({ code, field }).toEqual({ code: "INVALID_ARGUMENT", field: "to" });
    expect(message).toContain("3 sessions, 3 profiles and 1 events");
    expect(message).toContain("resume: true");
  });

  test("a store as its own target, also when it was opened twice", async () => {
    await using rig = await CopyRig.create();
    const [from, again] = [await rig.open("same"), await rig.open("same")];
    for (const to of [from, again]) {
      expect(await refusalOf(from, to, { resume: true })).toMatchObject({ code: "INVALID_ARGUMENT", field: "to" });
    }
  });

  test("a misspelt option, with the nearest known one", async () => {
    const [from, to] = [new TelemetryPool({ driver: fakeDriver() }), new TelemetryPool({ driver: fakeDriver() })];
    const error = await refusalOf(from, to, { resum: true } as CopyOptions); // misspelt on purpose
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: "options.resum" });
    expect(error.message).toContain("did you mean resume?");
  });

  test("a store that is closed", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await to.close();
    expect((await refusalOf(from, to)).code).toBe("POOL_CLOSED");
  });
});

test("a session keeps its member and its times when its first profiles were pruned", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  const row = { session: "s", profile: {}, document: "d" };
  await from.addProfile({ ...row, id: "3", member: "first", timestamp: 100 });
  await from.addProfile({ ...row, id: "1", member: "second", timestamp: 900 });
  await from.addProfile({ ...row, id: "2", member: "third", timestamp: 800 });
  await from.prune({ olderThanMs: systemClock.wallMs() - 850 });
  expect((await copyStore(from, to)).verified).toBe(true);
  expect(await to.getSession("s")).toEqual({
    id: "s",
    member: "first",
    createdAt: 100,
    lastActivity: 900,
    profileCount: 1,
  });
});

test("progress is told after every page, and ends with everything", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 2500);
  const told: CopyProgress[] = [];
  await copyStore(from, to, { onProgress: (progress) => told.push(progress) });
  expect([...new Set(told.map(({ phase }) => phase))]).toEqual([
    "sessions",
    "profiles",
    "events",
    "verify profiles",
    "verify events",
    "verify sessions",
  ]);
  expect(told.at(-1)).toEqual({ phase: "verify sessions", rows: 5600, totalRows: 5600, copied: 2800 });
  expect(told.map(({ rows }) => rows)).toEqual(told.map(({ rows }) => rows).toSorted((a, b) => a - b));
  expect(told.every(({ totalRows }) => totalRows === 5600)).toBe(true);
});

describe("memory", () => {
  /** The numbers of rows that every read gave, and the bytes of their JSON. */
  async function openWatched(rig: CopyRig, name: string): Promise<{ store: TelemetryPool; reads: number[][] }> {
    const reads: number[][] = [];
    const store = await rig.open(name, (driver) =>
      wrapConnections(driver, (connection) =>
        overrideConnection(connection, {
          execute: async (statement: SqlStatement) => {
            const result = await connection.execute(statement);
            const bytes = result.rows.reduce((sum, row) => sum + String(row.profile ?? row.data ?? "").length, 0);
            reads.push([result.rows.length, bytes]);
            return result;
          },
        }),
      ),
    );
    return { store, reads };
  }

  test("holds at most a thousand rows of a read", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await openWatched(rig, "from"), await openWatched(rig, "to")];
    await fill(from.store, 3100);
    await copyStore(from.store, to.store);
    const rows = [...from.reads, ...to.reads].map(([count = 0]) => count);
    expect(Math.max(...rows)).toBe(1000);
  });

  test("holds at most 4 MiB of a read, or one row that is larger", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await openWatched(rig, "from"), await openWatched(rig, "to")];
    const text = (mib: number) => ({ profile: { text: "x".repeat(mib * 2 ** 20) } });
    const heavy = someProfiles(40, 1000).map((input, n) => ({ ...input, ...text(n === 20 ? 9 : 1) }));
    for (const input of [...someProfiles(1000), ...heavy]) await from.store.addProfile(input);
    expect((await copyStore(from.store, to.store)).verified).toBe(true);
    const large = [...from.reads, ...to.reads].filter(([, bytes = 0]) => bytes > 4 * 2 ** 20);
    expect(large.length).toBeGreaterThan(0);
    expect(large.every(([rows = 0]) => rows === 1)).toBe(true);
  });
});

test("a store that is closed waits for its copy", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 2000);
  let closed: Promise<unknown> | undefined;
  const onProgress = () => {
    closed ??= Promise.all([from.close(), to.flush()]);
  };
  const { verified } = await copyStore(from, to, { onProgress });
  await closed;
  expect(verified).toBe(true);
});

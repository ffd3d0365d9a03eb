/** What a copy tells of rows that are not the same on both sides. */
import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { CopyRig, contentsOf, fill, someProfiles, tamper } from "../../test/copy-rig.ts";
import type { TelemetryPool } from "../telemetry-pool.ts";
import { REFUSED, refusing } from "../testing/conformance/sample-rows.ts";
import { overrideConnection, wrapConnections } from "../testing/wrap-driver.ts";
import type { CopyResult } from "./copy-report.ts";
import { copyStore } from "./copy-store.ts";

/** Two stores with the same 2500 profiles and 250 events. */
async function openCopied(rig: CopyRig): Promise<[from: TelemetryPool, to: TelemetryPool]> {
  const [from, to] = [await rig.open("from"), await rig.open("to")];
  await fill(from, 2500);
  await copyStore(from, to);
  return [from, to];
}

async function resumed(from: TelemetryPool, to: TelemetryPool): Promise<CopyResult> {
  return await copyStore(from, to, { resume: true });
}

describe("a row with another content in the target", () => {
  test.each([
    ["profile", { profile: '{"latency":0}' }],
    ["timestamp", { timestamp: 5 }],
    ["member", { member: "somebody" }],
    ["document", { document: "another.md" }],
  ] as const)("in its %s is told, and stays as it is", async (column, change) => {
    await using rig = await CopyRig.create();
    const [from, to] = await openCopied(rig);
    await tamper(to, "profile-001234", change);
    const before = await contentsOf(to);
    const result = await resumed(from, to);
    expect(result).toMatchObject({ verified: false, differenceCount: 1 });
    expect(result.differences).toEqual([
      { table: "profiles", id: "profile-001234", kind: "different", columns: [column] },
    ]);
    expect(result.profiles.source.checksum).not.toBe(result.profiles.target.checksum);
    expect(await contentsOf(to)).toEqual(before);
  });

  test("that is an event is told", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = await openCopied(rig);
    await (await to.kysely()).updateTable("analytics").set({ session: "x" }).where("id", "=", "event-7").execute();
    expect((await resumed(from, to)).differences).toEqual([
      { table: "events", id: "event-7", kind: "different", columns: ["session"] },
    ]);
  });
});

test("a document with its keys in another order and other blanks is the same", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = await openCopied(rig);
  const { checksum } = (await resumed(from, to)).profiles.target;
  await tamper(to, "profile-000007", { profile: '{ "ok" : true,\n "latency": 7.0e0 }' });
  const result = await resumed(from, to);
  expect(result).toMatchObject({ verified: true, profiles: { target: { checksum } } });
});

test("rows in the target alone are told", async () => {
  await using rig = await CopyRig.create();
  const [from, to] = await openCopied(rig);
  await to.addProfile({ ...(someProfiles(1)[0] ?? expect.unreachable()), id: "zzz", session: "own" });
  await to.recordEvent("click", {}, null, { id: "a" });
  const { differences, ...result } = await resumed(from, to);
  expect(differences).toEqual([
    { table: "profiles", id: "zzz", kind: "extra" },
    { table: "events", id: "a", kind: "extra" },
    { table: "sessions", id: "own", kind: "extra" },
  ]);
  expect(result).toMatchObject({ verified: false, profiles: { source: { rows: 2500 }, target: { rows: 2501 } } });
});

describe("a session of the target", () => {
  test.each([{ member: "thief" }, { created_at: 1 }, { last_activity: 1 }])(
    "that was changed to %p is set right",
    async (change) => {
      await using rig = await CopyRig.create();
      const [from, to] = await openCopied(rig);
      await (await to.kysely()).updateTable("sessions").set(change).where("id", "=", "session-9").execute();
      expect((await resumed(from, to)).verified).toBe(true);
      expect(await to.getSession("session-9")).toEqual(await from.getSession("session-9"));
    },
  );

  test("with a wrong count is told", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = await openCopied(rig);
    await (await to.kysely())
      .updateTable("sessions")
      .set({ profile_count: 7, member: "thief" })
      .where("id", "=", "session-9")
      .execute();
    expect((await resumed(from, to)).differences).toEqual([
      { table: "sessions", id: "session-9", kind: "different", columns: ["member", "profile_count"] },
    ]);
  });

  test("that has profiles of its own besides keeps its member and its times", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    const row = { session: "s", profile: {}, document: "d" };
    await to.addProfile({ ...row, id: "theirs", member: "theirs", timestamp: 1 });
    await from.addProfile({ ...row, id: "ours", member: "ours", timestamp: 100 });
    const { differences } = await resumed(from, to);
    expect(differences.map(({ id, kind }) => [id, kind])).toEqual([
      ["theirs", "extra"],
      ["s", "different"],
    ]);
    expect(await to.getSession("s")).toMatchObject({ member: "theirs", createdAt: 1, lastActivity: 100 });
  });
});

describe("rows that the target refuses", () => {
  test("are told with their code, and all others are copied", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to", refusing)];
    const inputs = someProfiles(2500).map((input, n) => (n % 1000 === 7 ? { ...input, document: REFUSED } : input));
    await from.insertProfiles(inputs);
    await from.recordEvent(REFUSED, {}, null, { id: "event" });
    const { differences, differenceCount, profiles, verified } = await copyStore(from, to);
    expect(differences).toEqual([
      ...["profile-000007", "profile-001007", "profile-002007"].map(
        (id) => ({ table: "profiles", id, kind: "rejected", code: "CONSTRAINT_VIOLATED" }) as const,
      ),
      { table: "events", id: "event", kind: "rejected", code: "CONSTRAINT_VIOLATED" },
      { table: "sessions", id: "session-7", kind: "different", columns: ["profile_count"] },
    ]);
    expect({ differenceCount, verified }).toEqual({ differenceCount: 5, verified: false });
    expect([profiles.copied, profiles.source.rows, profiles.target.rows]).toEqual([2497, 2500, 2497]);
  });

  test("are counted all, and listed as far as a hundred", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to", refusing)];
    await from.insertProfiles(someProfiles(300).map((input) => ({ ...input, document: REFUSED, session: "s" })));
    const { differences, differenceCount } = await copyStore(from, to);
    expect([differences.length, differenceCount]).toEqual([100, 301]);
  });

  test("may be sessions", async () => {
    await using rig = await CopyRig.create();
    const [from, to] = [await rig.open("from"), await rig.open("to")];
    await sql`create trigger no_nobody before insert on sessions when new.member = 'nobody'
      begin select raise(abort, 'nobody'); end`.execute(await to.kysely());
    await from.addProfile({ id: "p", session: "s", profile: {}, member: "nobody", document: "d" });
    await from.addProfile({ id: "q", session: "t", profile: {}, member: "somebody", document: "d" });
    const { differences, profiles } = await copyStore(from, to);
    expect(differences).toEqual([
      { table: "profiles", id: "p", kind: "rejected", code: "CONSTRAINT_VIOLATED" },
      { table: "sessions", id: "s", kind: "rejected", code: "CONSTRAINT_VIOLATED" },
    ]);
    expect(profiles.copied).toBe(1);
  });
});

test("rows that the target drops without an error are missing", async () => {
  await using rig = await CopyRig.create();
  const from = await rig.open("from");
  const to = await rig.open("to", (driver) =>
    wrapConnections(driver, (connection) =>
      overrideConnection(connection, {
        writeEvents: (rows) => connection.writeEvents(rows.filter(({ id }) => id !== "event-3")),
      }),
    ),
  );
  await fill(from, 100);
  expect(await copyStore(from, to)).toMatchObject({
    verified: false,
    differences: [{ table: "events", id: "event-3", kind: "missing" }],
    events: { source: { rows: 10 }, target: { rows: 9 } },
  });
});

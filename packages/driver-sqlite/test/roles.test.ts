/** Which reads are done in the program's thread, and which in a thread of their own. */
import { describe, expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { TempFolder } from "./temp-folder.ts";

type Read = (store: TelemetryPool) => Promise<unknown>;

const IN_A_THREAD: [what: string, read: Read][] = [
  ["a page of 201 profiles", (store) => store.queryProfiles({}, { limit: 201 })],
  ["a page of 201 profiles of a member", (store) => store.queryProfiles({ member: "m" }, { limit: 201 })],
  ["profiles by member and session", (store) => store.queryProfiles({ member: "m", session: "s" })],
  ["profiles by member and document", (store) => store.queryProfiles({ member: "m", document: "d" })],
  ["profiles by session and document", (store) => store.queryProfiles({ session: "s", document: "d" })],
  ["a page of 201 events", (store) => store.queryEvents({}, { limit: 201 })],
  ["events by type and session", (store) => store.queryEvents({ type: "click", session: "s" })],
  ["all profiles, streamed", (store) => Array.fromAsync(store.profiles({ member: "m" }))],
  ["an aggregate", (store) => store.aggregate({ metric: "x" })],
  ["a select through Kysely", async (store) => (await store.kysely()).selectFrom("sessions").selectAll().execute()],
];

const IN_PLACE: [what: string, read: Read][] = [
  ["a page of 50 profiles of a member", (store) => store.queryProfiles({ member: "m" }, { limit: 50 })],
  ["a page of 200 profiles", (store) => store.queryProfiles({}, { limit: 200 })],
  ["profiles of a session in a span of time", (store) => store.queryProfiles({ session: "s", from: 1, to: 2 })],
  ["a page of 200 events of a type", (store) => store.queryEvents({ type: "click" }, { limit: 200 })],
  ["a page of sessions", (store) => store.querySessions("m")],
  ["one session", (store) => store.getSession("s")],
];

/** How often a connection to read and one to scan have been taken. */
function taken(store: TelemetryPool): { readonly read: number; readonly scan: number } {
  const { read, scan } = store.stats().pools;
  const count = (pool: typeof read) => (pool === undefined ? Number.NaN : pool.stats.hits + pool.stats.misses);
  return { read: count(read), scan: count(scan) };
}

async function takenBy(read: Read): Promise<{ readonly read: number; readonly scan: number }> {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db"), synchronous: "off" });
  await store.insertProfile("s", { x: 1 }, "m", "d");
  const before = taken(store);
  await read(store);
  const after = taken(store);
  return { read: after.read - before.read, scan: after.scan - before.scan };
}

describe("in a thread of its own", () => {
  test.each(IN_A_THREAD)("%s", async (_what, read) => expect(await takenBy(read)).toEqual({ read: 0, scan: 1 }));
});

describe("in the program's thread", () => {
  test.each(IN_PLACE)("%s", async (_what, read) => expect(await takenBy(read)).toEqual({ read: 1, scan: 0 }));
});

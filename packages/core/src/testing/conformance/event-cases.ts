/** Events: stored one by one, together and by import, listed, and told of where they are bad. */
import assert from "node:assert/strict";
import { type ConformanceCase, casesOf } from "./case.ts";
import { allPages, rejectsWith, storedEvents } from "./expectations.ts";
import { REFUSED, refusing, START_MS, sampleEventInput, sampleEventInputs } from "./sample-rows.ts";

export const eventCases: readonly ConformanceCase[] = casesOf("events", {
  "addEvent says whether the event was there before, and stores it once": async ({ newStore }) => {
    const store = newStore();
    assert.deepEqual(await store.addEvent(sampleEventInput(1)), { id: "event-000001", duplicate: false });
    const again = { id: "event-000001", duplicate: true };
    assert.deepEqual(await store.addEvent(sampleEventInput(1, { type: "other" })), again);
    const both = [sampleEventInput(2), sampleEventInput(2, { data: { n: -1 } })];
    const outcomes = await Promise.all(both.map((input) => store.addEvent(input)));
    assert.deepEqual(
      outcomes.map(({ duplicate }) => duplicate),
      [false, true],
    );
    assert.deepEqual(await storedEvents(store), [sampleEventInput(2), sampleEventInput(1)]);
    assert.equal(store.stats().queues.events.duplicates, 2);
  },

  "addEvent gives an event a new id, the time of its call and empty data": async ({ newStore }) => {
    const store = newStore();
    const before = Date.now();
    const { id } = await store.addEvent({ type: "click" });
    const [stored, ...others] = await storedEvents(store);
    assert.ok(stored !== undefined && stored.timestamp >= before && stored.timestamp <= Date.now());
    assert.deepEqual(stored, { id, type: "click", data: {}, session: null, timestamp: stored.timestamp });
    assert.deepEqual(others, []);
  },

  "a bad event is refused with the path of its fault, and nothing is stored": async ({ newStore }) => {
    const store = newStore();
    const bad = sampleEventInput(3, { type: "" });
    const misspelt = { ...sampleEventInput(3), sesion: "s" };
    assert.equal((await rejectsWith("INVALID_ARGUMENT", () => store.addEvent(bad))).field, "row.type");
    assert.equal((await rejectsWith("INVALID_ARGUMENT", () => store.addEvent(misspelt))).field, "row.sesion");
    const rows = [...sampleEventInputs(3), bad];
    assert.equal((await rejectsWith("INVALID_ARGUMENT", () => store.insertEvents(rows))).field, "rows[3].type");
    assert.equal((await rejectsWith("INVALID_ARGUMENT", () => store.importEvents(rows))).field, "rows[3].type");
    const noArray = sampleEventInput(1) as unknown as []; // the fault that is tested
    assert.equal((await rejectsWith("INVALID_ARGUMENT", () => store.insertEvents(noArray))).field, "rows");
    assert.deepEqual(await storedEvents(store), []);
  },

  "insertEvents stores all events or none, also of more than fit into one statement": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const many = sampleEventInputs(2500);
    const spoiled = [...many, sampleEventInput(2500, { type: REFUSED })];
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertEvents(spoiled));
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertEvents(spoiled.slice(-2)));
    assert.deepEqual(await storedEvents(store), []);
    const ids = many.map(({ id }) => id);
    assert.deepEqual(await store.insertEvents(many), { ids, duplicates: [] });
    assert.deepEqual(await storedEvents(store), many.toReversed());
    assert.deepEqual((await store.querySessions("*")).items, [], "an event makes no session");
  },

  "insertEvents names the events that were there before, or earlier in the same call": async ({ newStore }) => {
    const store = newStore();
    await store.addEvent(sampleEventInput(1));
    const again = [
      sampleEventInput(1),
      sampleEventInput(2),
      sampleEventInput(2, { type: "other" }),
      sampleEventInput(3),
    ];
    const { ids, duplicates } = await store.insertEvents(again);
    assert.deepEqual(
      ids,
      again.map(({ id }) => id),
    );
    assert.deepEqual(duplicates, ["event-000001", "event-000002"]);
    assert.deepEqual(await storedEvents(store), [sampleEventInput(3), sampleEventInput(2), sampleEventInput(1)]);
    assert.deepEqual(await store.insertEvents([]), { ids: [], duplicates: [] });
  },

  "an import of events stores any number, tells its progress, and counts duplicates": async ({ newStore }) => {
    const store = newStore();
    await store.insertEvents(sampleEventInputs(10));
    async function* source() {
      yield* sampleEventInputs(2500);
    }
    const progress: number[] = [];
    const result = await store.importEvents(source(), { onProgress: ({ stored }) => progress.push(stored) });
    assert.deepEqual(result, { read: 2500, stored: 2490, duplicates: 10, rejected: 0 });
    assert.deepEqual(progress, [990, 1990, 2490]);
    assert.equal((await storedEvents(store)).length, 2500);
  },

  "an import names the events that it had to refuse, and stores the others": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const inputs = sampleEventInputs(1200).map((input, n) => {
      if (n === 3) return { ...input, session: "" };
      return n === 700 || n === 1199 ? { ...input, type: REFUSED } : input;
    });
    const rejected: [number, string, string | undefined][] = [];
    const result = await store.importEvents(inputs, {
      onRejected: ({ code, field }, position) => rejected.push([position, code, field]),
    });
    assert.deepEqual(result, { read: 1200, stored: 1197, duplicates: 0, rejected: 3 });
    assert.deepEqual(rejected, [
      [3, "INVALID_ARGUMENT", "rows[3].session"],
      [700, "CONSTRAINT_VIOLATED", undefined],
      [1199, "CONSTRAINT_VIOLATED", undefined],
    ]);
    assert.equal((await storedEvents(store)).length, 1197);
  },

  "events are listed newest first, by every filter": async ({ newStore }) => {
    const store = newStore();
    const events = Array.from({ length: 60 }, (_, n) => ({
      id: `event-${String(n).padStart(3, "0")}`,
      type: `type ${n % 3}`,
      data: { n },
      session: n % 4 === 0 ? null : `session ${n % 4}`,
      timestamp: START_MS + (n >> 3),
    }));
    await Promise.all(
      events.map(({ id, type, data, session, timestamp }) => store.recordEvent(type, data, session, { id, timestamp })),
    );
    const sorted = events.toSorted((a, b) => b.timestamp - a.timestamp || (a.id < b.id ? 1 : -1));
    const read = (filter: Parameters<typeof store.queryEvents>[0]) =>
      allPages((page) => store.queryEvents(filter, page), 7);
    assert.deepEqual(await read({}), sorted);
    assert.deepEqual(
      await read({ type: "type 1" }),
      sorted.filter(({ type }) => type === "type 1"),
    );
    assert.deepEqual(
      await read({ session: "session 2" }),
      sorted.filter(({ session }) => session === "session 2"),
    );
    assert.deepEqual(
      await read({ type: "type 1", session: "session 2", from: START_MS + 1, to: START_MS + 4 }),
      sorted.filter(
        ({ type, session, timestamp }) =>
          type === "type 1" && session === "session 2" && timestamp >= START_MS + 1 && timestamp < START_MS + 4,
      ),
    );
    await rejectsWith("INVALID_ARGUMENT", () => store.queryEvents({ member: "x" } as object));
  },
});

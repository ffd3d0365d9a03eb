/** Listeners hear of every row that is new, and of nothing else. */
import assert from "node:assert/strict";
import type { StoredRows } from "../../store/stored-rows.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { rejectsWith, storedProfiles } from "./expectations.ts";
import { REFUSED, refusing, sampleEventInput, sampleEventInputs, sampleInput, sampleInputs } from "./sample-rows.ts";

/** The ids that a store's listener has heard of, by kind; they fill up as rows are stored. */
function heard(store: TelemetryPool): Record<StoredRows["kind"], string[]> {
  const ids: Record<StoredRows["kind"], string[]> = { profiles: [], events: [] };
  store.onStored(({ kind, rows }) => ids[kind].push(...rows.map(({ id }) => id)));
  return ids;
}

const idsOf = (inputs: readonly { readonly id?: string }[]) => inputs.map(({ id }) => id);

export const storedCases: readonly ConformanceCase[] = casesOf("listeners", {
  "a listener hears of a row as it was stored, with its JSON as text": async ({ newStore }) => {
    const store = newStore();
    const told: StoredRows[] = [];
    store.onStored((stored) => told.push(stored));
    const { profile, ...profileRest } = sampleInput(1);
    const { data, ...eventRest } = sampleEventInput(1);
    await store.addProfile(sampleInput(1));
    await store.addEvent(sampleEventInput(1));
    await store.addEvent(sampleEventInput(1));
    assert.deepEqual(told, [
      { kind: "profiles", rows: [{ ...profileRest, json: JSON.stringify(profile) }] },
      { kind: "events", rows: [{ ...eventRest, json: JSON.stringify(data) }] },
    ]);
  },

  "a listener hears of each new row once, by whichever way it comes": async ({ newStore }) => {
    const store = newStore();
    const ids = heard(store);
    await Promise.all([...sampleInputs(20), ...sampleInputs(10)].map((input) => store.addProfile(input)));
    await store.insertProfiles([...sampleInputs(30), sampleInput(29)]);
    await store.importProfiles(sampleInputs(1100));
    await Promise.all([...sampleEventInputs(5), ...sampleEventInputs(5)].map((input) => store.addEvent(input)));
    await store.insertEvents(sampleEventInputs(1200));
    await store.importEvents(sampleEventInputs(1300));
    assert.deepEqual(ids, { profiles: idsOf(sampleInputs(1100)), events: idsOf(sampleEventInputs(1300)) });
  },

  "rows that were rolled back, or refused, are told to no listener": async ({ driver, newStore }) => {
    const store = newStore({ driver: refusing(driver) });
    const ids = heard(store);
    const bad = sampleInput(2500, { document: REFUSED });
    await rejectsWith("CONSTRAINT_VIOLATED", () => store.insertProfiles([...sampleInputs(2500), bad]));
    assert.deepEqual(ids.profiles, []);
    await store.importProfiles([...sampleInputs(3), bad], { onRejected: () => {} });
    assert.deepEqual(ids.profiles, idsOf(sampleInputs(3)));
  },

  "a row is committed when a listener hears of it": async ({ newStore }) => {
    const store = newStore();
    const reading: Promise<number>[] = [];
    store.onStored(() => reading.push(storedProfiles(store).then((stored) => stored.length)));
    await store.insertProfiles(sampleInputs(1500));
    assert.deepEqual(await Promise.all(reading), [1500]);
  },
});

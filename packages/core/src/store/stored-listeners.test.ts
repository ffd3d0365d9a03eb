import { beforeEach, describe, expect, test } from "bun:test";
import { TelemetryPool } from "../telemetry-pool.ts";
import { sampleEventInput, sampleInput, sampleInputs } from "../testing/conformance/sample-rows.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";
import type { StoredRows } from "./stored-rows.ts";

let clock: FakeClock;
let driver: FakeDriver;
let store: TelemetryPool;
let told: string[];

beforeEach(async () => {
  clock = new FakeClock();
  driver = fakeDriver({ clock });
  store = new TelemetryPool({ driver, clock });
  await store.open();
  told = [];
});

/** A listener that notes what it is told, under a name of its own. */
function noting(name: string): (stored: StoredRows) => void {
  return ({ kind, rows }) => told.push(`${name}: ${rows.length} ${kind}`);
}

describe("when a listener is told", () => {
  test("it is after the commit and before the callers are", async () => {
    const order: string[] = [];
    store.onStored(() => order.push(`listener, ${driver.profiles.size} committed`));
    await Promise.all(sampleInputs(2).map((input) => store.addProfile(input).then(() => order.push("caller"))));
    expect(order).toEqual(["listener, 2 committed", "caller", "caller"]);
  });

  test("a transaction of several statements is told once, when it is committed", async () => {
    store.onStored(noting("a"));
    const gate = driver.holdNext("commit");
    const inserting = store.insertProfiles(sampleInputs(2500));
    await gate.reached;
    expect(told).toEqual([]);
    gate.open();
    await inserting;
    expect(told).toEqual(["a: 2500 profiles"]);
  });

  test("rows whose commit was answered only at the second attempt are told once", async () => {
    store.onStored(noting("a"));
    driver.failNext("writeProfiles", { code: "COMMIT_OUTCOME_UNKNOWN", message: "gone in a commit" });
    const adding = store.addProfile(sampleInput(1));
    await drainMicrotasks();
    await clock.advance(100);
    await adding;
    expect(told).toEqual(["a: 1 profiles"]);
  });

  test("nothing is told of a write without a new row", async () => {
    await store.addProfile(sampleInput(1));
    store.onStored(noting("a"));
    await store.insertProfiles([sampleInput(1), sampleInput(1)]);
    expect(told).toEqual([]);
  });
});

describe("listeners", () => {
  test("they are told in the order in which they came, each until it is removed", async () => {
    const removeFirst = store.onStored(noting("a"));
    store.onStored(noting("b"));
    await store.addProfile(sampleInput(1));
    removeFirst();
    removeFirst();
    await store.addEvent(sampleEventInput(1));
    expect(told).toEqual(["a: 1 profiles", "b: 1 profiles", "b: 1 events"]);
  });

  test("one that was added twice is told twice, and removed one at a time", async () => {
    const listener = noting("a");
    const remove = store.onStored(listener);
    store.onStored(listener);
    await store.addProfile(sampleInput(1));
    remove();
    await store.addProfile(sampleInput(2));
    expect(told).toEqual(["a: 1 profiles", "a: 1 profiles", "a: 1 profiles"]);
  });

  test("one that removes itself, or adds another, disturbs nobody", async () => {
    const remove = store.onStored((stored) => {
      noting("once")(stored);
      remove();
      store.onStored(noting("new"));
    });
    store.onStored(noting("b"));
    await store.addProfile(sampleInput(1));
    await store.addProfile(sampleInput(2));
    expect(told).toEqual(["once: 1 profiles", "b: 1 profiles", "b: 1 profiles", "new: 1 profiles"]);
  });

  test("what one throws harms neither the write nor the others", async () => {
    store.onStored(() => {
      throw new Error("a listener's own fault");
    });
    store.onStored(noting("b"));
    expect(await store.addProfile(sampleInput(1))).toEqual({ id: "profile-000001", duplicate: false });
    expect(await store.insertProfiles(sampleInputs(3))).toMatchObject({ duplicates: ["profile-000001"] });
    expect(told).toEqual(["b: 1 profiles", "b: 2 profiles"]);
  });

  test("what is no function is refused", () => {
    const wrong = {} as unknown as () => void; // the fault that is tested
    expect(() => store.onStored(wrong)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", field: "listener" }),
    );
  });
});

/** What a store counts, and under which names. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TelemetryPool, type TelemetryPoolOptions } from "../telemetry-pool.ts";
import { sampleEventInput, sampleEventInputs, sampleInput, sampleInputs } from "../testing/conformance/sample-rows.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";
import type { HistogramPoint, NumberPoint } from "./metric-family.ts";

let clock: FakeClock;
let driver: FakeDriver;
let stores: TelemetryPool[];

beforeEach(() => {
  clock = new FakeClock({ seed: 3 });
  driver = fakeDriver({ clock });
  stores = [];
});

afterEach(async () => {
  const closing = Promise.all(stores.map((store) => store.close()));
  await clock.advance(60_000);
  await closing;
});

function create(options: TelemetryPoolOptions = {}): TelemetryPool {
  const store = new TelemetryPool({ driver, clock, ...options });
  stores.push(store);
  return store;
}

function pointsOf(store: TelemetryPool, name: string): readonly (NumberPoint | HistogramPoint)[] {
  const family = store.metrics().find((one) => one.name === name) ?? expect.unreachable(`there is no ${name}`);
  return family.points;
}

/** The points of a metric, each as its attributes' values and its number; of a histogram its count and its sum. */
function read(store: TelemetryPool, name: string): Record<string, unknown> {
  return Object.fromEntries(
    pointsOf(store, name).map((point) => [
      Object.values(point.attributes).join(" "),
      "value" in point ? point.value : [point.count, Number(point.sum.toFixed(9))],
    ]),
  );
}

test("names, kinds and units are those of OpenTelemetry's conventions, or telepool's own", () => {
  const table = create()
    .metrics()
    .map(({ name, type, unit }) => `${name} ${type} ${unit}`);
  expect(table.toSorted()).toEqual([
    "db.client.connection.count upDownCounter {connection}",
    "db.client.connection.create_time histogram s",
    "db.client.connection.idle.min upDownCounter {connection}",
    "db.client.connection.max upDownCounter {connection}",
    "db.client.connection.pending_requests upDownCounter {request}",
    "db.client.connection.timeouts counter {timeout}",
    "db.client.connection.use_time histogram s",
    "db.client.connection.wait_time histogram s",
    "db.client.operation.duration histogram s",
    "telepool.batch.rows histogram {row}",
    "telepool.connection.create_failures counter {failure}",
    "telepool.ingest.rows counter {row}",
    "telepool.queue.bytes gauge By",
    "telepool.queue.rows gauge {row}",
    "telepool.queue.waiting gauge {caller}",
    "telepool.retries counter {retry}",
  ]);
});

test("before a store is opened it tells of its queues, and opens nothing to do so", () => {
  const store = create();
  expect(read(store, "telepool.queue.waiting")).toEqual({ profiles: 0, events: 0, lookups: 0 });
  expect(read(store, "db.client.connection.count")).toEqual({});
  expect(read(store, "telepool.retries")).toEqual({});
  expect(driver.calls).toEqual([]);
});

describe("connections", () => {
  test("are told by pool and by state, with the name of the database", async () => {
    const store = create({ pool: { min: 2, max: 5 } });
    await store.open();
    const gate = driver.holdNext("writeProfiles");
    const adding = store.addProfile(sampleInput(1));
    await gate.reached;
    expect(pointsOf(store, "db.client.connection.count")).toEqual([
      {
        attributes: {
          "db.client.connection.pool.name": "write",
          "db.system.name": "fake",
          "db.client.connection.state": "idle",
        },
        value: 1,
      },
      {
        attributes: {
          "db.client.connection.pool.name": "write",
          "db.system.name": "fake",
          "db.client.connection.state": "used",
        },
        value: 1,
      },
    ]);
    expect(read(store, "db.client.connection.max")).toEqual({ "write fake": 5 });
    expect(read(store, "db.client.connection.idle.min")).toEqual({ "write fake": 2 });
    gate.open();
    await adding;
  });

  test("are told for each role that has a pool of its own, under the store's name if it has one", async () => {
    driver = fakeDriver({ clock, capabilities: { connections: "one-writer" } });
    const store = create({ pool: { name: "main", max: 4 } });
    await store.open();
    expect(read(store, "db.client.connection.max")).toEqual({
      "main.write fake": 1,
      "main.read fake": 3,
      "main.scan fake": 2,
    });
    expect(read(store, "telepool.queue.rows")).toEqual({ "profiles main": 0, "events main": 0 });
    await store.addProfile(sampleInput(1));
    expect(read(store, "telepool.batch.rows")).toEqual({ "profiles main": [1, 1] });
    expect(read(store, "telepool.ingest.rows")).toMatchObject({ "profiles stored main": 1 });
    expect(read(store, "db.client.operation.duration")).toEqual({ "addProfile fake main": [1, 0] });
  });

  test("those that wait, give up and are opened are counted, and their times taken in seconds", async () => {
    driver = fakeDriver({ clock, delaysMs: { connect: 20 } });
    const store = create({ pool: { max: 1, acquireTimeoutMs: 1000, sampleEvery: 1 } });
    const opening = store.open();
    await clock.advance(1000);
    await opening;
    expect(read(store, "db.client.connection.create_time")).toEqual({ "write fake": [1, 0.02] });
    const gate = driver.holdNext("writeProfiles");
    const adding = store.addProfile(sampleInput(1));
    await gate.reached;
    const waiting = store.health();
    await drainMicrotasks();
    expect(read(store, "db.client.connection.pending_requests")).toEqual({ "write fake": 1 });
    await clock.advance(1000);
    expect(await waiting).toMatchObject({ ok: false, error: { code: "ACQUIRE_TIMEOUT" } });
    expect(read(store, "db.client.connection.timeouts")).toEqual({ "write fake": 1 });
    const uses = pointsOf(store, "db.client.connection.use_time")[0];
    gate.open();
    await adding;
    const more = pointsOf(store, "db.client.connection.use_time")[0];
    const sums = [uses, more].map((point) => (point !== undefined && "sum" in point ? point.sum : Number.NaN));
    expect((sums[1] ?? 0) - (sums[0] ?? 0)).toBeCloseTo(1, 9);
  });

  test("failures to open one are counted", async () => {
    driver.failNext("connect", { code: "CONNECT_FAILED" }, 2);
    const store = create();
    const opening = store.open();
    await clock.advance(5000);
    await opening;
    expect(read(store, "telepool.connection.create_failures")).toEqual({ "write fake": 2 });
  });

  test("work that is done again is counted, by what was in its way", async () => {
    const store = create();
    await store.open();
    driver.failNext("writeProfiles", { code: "DATABASE_BUSY", retryable: true }, 3);
    const busy = store.addProfile(sampleInput(1));
    await clock.advance(1000);
    await busy;
    driver.failNext("writeProfiles", { code: "CONNECTION_LOST" });
    const lost = store.addProfile(sampleInput(2));
    await clock.advance(1000);
    await lost;
    expect(read(store, "telepool.retries")).toEqual({ "busy fake": 3, "lost fake": 1 });
  });
});

describe("rows", () => {
  test("are counted by what became of them, by whichever way they came", async () => {
    const store = create();
    await store.insertProfile("s", {}, "m", "d");
    await Promise.all(sampleInputs(3).map((input) => store.addProfile(input)));
    await store.addProfile(sampleInput(1));
    await store.insertProfiles(sampleInputs(5));
    await store.importProfiles(sampleInputs(7));
    await store.recordEvent("click");
    await store.addEvent(sampleEventInput(1));
    await store.insertEvents(sampleEventInputs(2));
    await store.importEvents(sampleEventInputs(2));
    expect(read(store, "telepool.ingest.rows")).toEqual({
      "profiles stored": 8,
      "profiles duplicate": 9,
      "profiles rejected": 0,
      "events stored": 3,
      "events duplicate": 3,
      "events rejected": 0,
    });
  });

  test("count as rejected when their call fails, at the door or in the database", async () => {
    const rejected = async (work: (store: TelemetryPool) => Promise<unknown>) => {
      const store = create();
      await work(store).catch(() => undefined);
      return read(store, "telepool.ingest.rows")["profiles rejected"];
    };
    const bad = sampleInput(9, { member: "" });
    expect(await rejected((store) => store.addProfile(bad))).toBe(1);
    expect(await rejected((store) => store.insertProfile("s", {}, "", "d"))).toBe(1);
    expect(await rejected((store) => store.insertProfiles([...sampleInputs(3), bad]))).toBe(4);
    expect(await rejected((store) => store.addProfile(sampleInput(1), { signal: AbortSignal.abort() }))).toBe(1);
    expect(await rejected((store) => store.importProfiles([...sampleInputs(3), bad]))).toBe(1);
    expect(await rejected((store) => store.importProfiles([...sampleInputs(3), bad], { onRejected: () => {} }))).toBe(
      1,
    );
    driver.failNext("writeProfiles", { code: "STORAGE_FULL" });
    expect(await rejected((store) => store.importProfiles(sampleInputs(1500)))).toBe(1000);
    driver.failNext("writeProfiles", { code: "STORAGE_FULL" });
    expect(await rejected((store) => store.addProfile(sampleInput(20)))).toBe(1);
    const noArray = null as unknown as []; // the fault that is tested
    expect(await rejected((store) => store.insertProfiles(noArray))).toBe(0);
  });

  test("are counted by the batch", async () => {
    const store = create();
    await store.addProfile(sampleInput(1));
    await Promise.all(sampleInputs(40).map((input) => store.addProfile(input)));
    await store.addEvent(sampleEventInput(1));
    expect(read(store, "telepool.batch.rows")).toEqual({ profiles: [2, 41], events: [1, 1] });
  });

  test("that are queued are told with their bytes", async () => {
    const store = create({ writeQueue: { maxQueueRows: 2 } });
    await store.open();
    const gate = driver.holdNext("writeProfiles");
    const adding = sampleInputs(5).map((input) => store.addProfile(input));
    await gate.reached;
    expect(read(store, "telepool.queue.rows")).toEqual({ profiles: 2, events: 0 });
    expect(read(store, "telepool.queue.waiting")).toEqual({ profiles: 3, events: 0, lookups: 0 });
    expect(read(store, "telepool.queue.bytes").profiles).toBeGreaterThan(400);
    gate.open();
    await Promise.all(adding);
    expect(read(store, "telepool.queue.bytes")).toEqual({ profiles: 0, events: 0 });
  });
});

test("calls have their time taken by their name, in seconds, when they succeed", async () => {
  driver = fakeDriver({ clock, delaysMs: { writeProfiles: 250, readProfiles: 2 } });
  const store = create();
  await store.open();
  const calls = [
    () => store.addProfile(sampleInput(1)),
    () => store.insertProfiles(sampleInputs(2)),
    () => store.getProfile("profile-000001"),
  ];
  for (const call of calls) {
    const calling = call();
    await clock.advance(1000);
    await calling;
  }
  driver.failNext("writeProfiles", { code: "STORAGE_FULL" });
  const failing = store.addProfile(sampleInput(1)).catch(() => undefined);
  await clock.advance(1000);
  await failing;
  expect(read(store, "db.client.operation.duration")).toEqual({
    "addProfile fake": [1, 0.25],
    "insertProfiles fake": [1, 0.25],
    "getProfile fake": [1, 0.002],
  });
  expect(store.stats().operationMs.count).toBe(3);
});

/** Where a call's time goes, to the millisecond: on a clock that stands still, with a driver whose every step has its time. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { CallTiming } from "./call-timing.ts";
import { TelepoolError } from "./errors.ts";
import { TelemetryPool, type TelemetryPoolOptions } from "./telemetry-pool.ts";
import { sampleInput, sampleInputs } from "./testing/conformance/sample-rows.ts";
import { drainMicrotasks, FakeClock } from "./testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "./testing/fake-driver.ts";

const BUSY = { code: "DATABASE_BUSY", retryable: true } as const;
/** The store has a single connection. */
const DELAYS_MS = { connect: 1, begin: 3, writeProfiles: 5, execute: 7, readProfiles: 10, ping: 2 };

let clock: FakeClock;
let driver: FakeDriver;
let stores: TelemetryPool[];

beforeEach(() => {
  clock = new FakeClock({ seed: 11 });
  driver = fakeDriver({ clock, delaysMs: DELAYS_MS });
  stores = [];
});

afterEach(async () => {
  for (const store of stores) {
    const closed = store.close({ timeoutMs: 1 }).catch(() => undefined);
    await clock.advance(60_000);
    await closed;
  }
  expect(clock.pendingTimers).toBe(0);
});

async function open(options: TelemetryPoolOptions = {}): Promise<TelemetryPool> {
  const store = new TelemetryPool({
    driver,
    clock,
    pool: { max: 1, validateAfterIdleMs: Number.POSITIVE_INFINITY },
    ...options,
  });
  stores.push(store);
  const opening = store.open();
  await clock.advance(1000);
  await opening;
  return store;
}

interface TimingOption {
  readonly timing: CallTiming;
}

function newTiming(): CallTiming {
  return { queueMs: 0, poolMs: 0, databaseMs: 0 };
}

/** The parts in their order, without the dust of adding up fractions. */
function partsOf({ queueMs, poolMs, databaseMs }: CallTiming): number[] {
  return [queueMs, poolMs, databaseMs].map((ms) => Math.round(ms * 1e6) / 1e6);
}

/** The parts of a call's time, once it has settled. */
async function timeOf(call: (options: TimingOption) => Promise<unknown>): Promise<number[]> {
  const timing = newTiming();
  await call({ timing }).catch(() => undefined);
  return partsOf(timing);
}

/** The code of what a call was refused with. */
async function codeOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error instanceof TelepoolError ? error.code : error;
  }
}

/** Lets time pass, by steps after which the queues have their turn. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed++) {
    await settle();
    await clock.advance(1);
  }
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
}

/** Lets time pass, and gives back what came of the calls meanwhile. */
async function within<T>(ms: number, calls: Promise<T>): Promise<T> {
  await pass(ms);
  return await calls;
}

describe("a row in the queue", () => {
  test("waits for its batch, the batch for a connection, and all of it is told apart", async () => {
    const store = await open();
    const reading = store.getProfile("x"); // has the only connection for 10 ms
    const first = timeOf((options) => store.addProfile(sampleInput(1), options));
    await pass(4);
    const second = timeOf((options) => store.addProfile(sampleInput(2), options));
    expect(await within(30, Promise.all([first, second]))).toEqual([
      [0, 10, 5],
      [11, 0, 5],
    ]);
    await reading;
  });

  test("has the time of its batch, like every other in it", async () => {
    const store = await open();
    const calls = sampleInputs(3).map((input) => timeOf((options) => store.addProfile(input, options)));
    expect(await within(10, Promise.all(calls))).toEqual([
      [0, 0, 5],
      [0, 0, 5],
      [0, 0, 5],
    ]);
    expect(driver.count("writeProfiles")).toBe(1);
  });

  test("waits in the queue also while there is no room in it", async () => {
    const store = await open({ writeQueue: { maxQueueRows: 1 } });
    const calls = sampleInputs(3).map((input) => timeOf((options) => store.addProfile(input, options)));
    expect(await within(20, Promise.all(calls))).toEqual([
      [0, 0, 5],
      [5, 0, 5],
      [10, 0, 5],
    ]);
  });

  test("has the time of all attempts, without the pauses between them", async () => {
    const store = await open();
    driver.failNext("writeProfiles", BUSY, 2);
    const written = timeOf((options) => store.insertProfile("s", {}, "m", "d", options));
    expect(await within(100, written)).toEqual([0, 0, 15]);
  });

  test("waits for another connection when its own was lost", async () => {
    const store = await open();
    const written = timeOf((options) => store.addProfile(sampleInput(1), options));
    await pass(2);
    driver.breakConnections();
    expect(await within(100, written)).toEqual([0, 1, 10]);
  });

  test("waits again when its batch is split", async () => {
    const store = await open();
    driver.failNext("writeProfiles", { code: "CONSTRAINT_VIOLATED" });
    const calls = sampleInputs(2).map((input) => timeOf((options) => store.addProfile(input, options)));
    expect(await within(100, Promise.all(calls))).toEqual([
      [0, 0, 10],
      [5, 0, 10],
    ]);
  });

  test("goes beside rows of callers who do not ask", async () => {
    const store = await open();
    const others = store.addProfile(sampleInput(1));
    const asked = timeOf((options) => store.addProfile(sampleInput(2), options));
    expect(await within(10, asked)).toEqual([0, 0, 5]);
    expect(driver.count("writeProfiles")).toBe(1);
    await others;
  });
});

describe("a call beside the queues", () => {
  test("that writes many rows waits for a connection and has it until the end", async () => {
    const store = await open();
    const reading = store.getProfile("x");
    await settle();
    const few = timeOf((options) => store.insertProfiles(sampleInputs(2), options));
    const many = timeOf((options) => store.insertProfiles(sampleInputs(1500), options));
    await within(100, reading);
    expect(await few).toEqual([0, 10, 5]);
    expect(await many).toEqual([0, 15, 13]);
  });

  test("that imports has the time of all its transactions", async () => {
    const store = await open();
    expect(
      await within(
        100,
        timeOf((options) => store.importProfiles(sampleInputs(2500), options)),
      ),
    ).toEqual([0, 0, 15]);
  });

  test("that looks a profile up waits for its query", async () => {
    const store = await open();
    const first = timeOf((options) => store.getProfile("a", options));
    await pass(4);
    const later = ["b", "c", "b"].map((id) => timeOf((options) => store.getProfile(id, options)));
    expect(await within(100, Promise.all([first, ...later]))).toEqual([
      [0, 0, 10],
      [6, 0, 10],
      [6, 0, 10],
      [6, 0, 10],
    ]);
  });

  test("that queries waits for a connection, and tells its time also when it fails", async () => {
    const store = await open(); // over a driver that runs no queries: they fail after their 7 ms
    const reading = store.getProfile("x");
    const calls: Promise<number[]>[] = [];
    for (const call of [
      (options) => store.queryProfiles({}, {}, options),
      (options) => store.aggregate({ metric: "$.n" }, options),
      (options) => store.profiles({}, options).next(),
      (options) => store.prune({ before: 1, ...options }), // a transaction, which begins for 3 ms
      (options) => store.health(options),
    ] satisfies ((options: TimingOption) => Promise<unknown>)[]) {
      await settle();
      calls.push(timeOf(call));
    }
    await within(100, reading);
    expect(await Promise.all(calls)).toEqual([
      [0, 10, 7],
      [0, 17, 7],
      [0, 24, 7],
      [0, 31, 10],
      [0, 41, 2],
    ]);
  });

  test("that queries has the time of all attempts, without the pauses between them", async () => {
    const store = await open();
    driver.failNext("execute", BUSY, 2);
    expect(
      await within(
        100,
        timeOf((options) => store.getSession("x", options)),
      ),
    ).toEqual([0, 0, 21]);
  });
});

describe("the caller's object", () => {
  test("is added to, by calls one after the other and side by side", async () => {
    const store = await open();
    const timing = newTiming();
    for (const n of [1, 2]) await within(10, store.addProfile(sampleInput(n), { timing }));
    expect(partsOf(timing)).toEqual([0, 0, 10]);
    await within(10, Promise.all([3, 4].map((n) => store.addProfile(sampleInput(n), { timing }))));
    expect(partsOf(timing)).toEqual([0, 0, 20]);
  });

  test("is left alone when the call has settled, and has the time until then", async () => {
    const store = await open();
    const stop = new AbortController();
    const { signal } = stop;
    driver.hangNext("execute");
    const calls = [timedCall((timing) => store.getSession("x", { timing, signal }))];
    for (const id of ["x", "y"]) {
      await settle();
      calls.push(timedCall((timing) => store.getProfile(id, { timing, signal })));
    }
    await pass(3);
    stop.abort();
    await settle();
    const expected = [
      [0, 0, 3],
      [0, 3, 0],
      [3, 0, 0],
    ];
    expect(calls.map(({ settledWith }) => settledWith())).toEqual(expected);
    await clock.advance(10_000);
    expect(calls.map(({ timing }) => partsOf(timing))).toEqual(expected);
  });

  test("is left alone when the store has given the call up", async () => {
    const store = await open();
    const gate = driver.holdNext("writeProfiles");
    const calls = [timedCall((timing) => store.addProfile(sampleInput(1), { timing }))];
    await pass(5);
    await gate.reached;
    calls.push(timedCall((timing) => store.addProfile(sampleInput(2), { timing })));
    const closing = codeOf(() => store.close({ timeoutMs: 500 }));
    await clock.advance(500);
    expect(await closing).toBe("CLOSE_TIMEOUT");
    const expected = [
      [0, 0, 505],
      [500, 0, 0],
    ];
    expect(calls.map(({ settledWith }) => settledWith())).toEqual(expected);
    gate.open();
    await clock.advance(1000);
    expect(calls.map(({ timing }) => partsOf(timing))).toEqual(expected);
  });

  test("must be one that can be added to", async () => {
    const store = await open();
    const bad: unknown[] = [null, 5, {}, { ...newTiming(), poolMs: "1" }, Object.freeze(newTiming())];
    for (const given of bad) {
      const timing = given as CallTiming; // wrong on purpose
      for (const call of [
        () => store.addProfile(sampleInput(1), { timing }),
        () => store.insertProfile("s", {}, "m", "d", { timing }),
        () => store.insertProfiles([sampleInput(1)], { timing }),
        () => store.importProfiles([sampleInput(1)], { timing }),
        () => store.getProfile("x", { timing }),
        () => store.querySessions("*", {}, { timing }),
        () => store.profiles({}, { timing }).next(),
        () => store.prune({ before: 1, timing }),
      ]) {
        expect(await codeOf(call)).toBe("INVALID_ARGUMENT");
      }
    }
    expect(driver.profiles.size).toBe(0);
  });
});

interface TimedCall {
  readonly timing: CallTiming;
  /** What the object said when the call settled. */
  readonly settledWith: () => number[] | undefined;
}

function timedCall(call: (timing: CallTiming) => Promise<unknown>): TimedCall {
  const timing = newTiming();
  let parts: number[] | undefined;
  const keep = () => {
    parts = partsOf(timing);
  };
  call(timing).then(keep, keep);
  return { timing, settledWith: () => parts };
}

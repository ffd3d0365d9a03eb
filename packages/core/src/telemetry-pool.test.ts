import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TelepoolError } from "./errors.ts";
import { TelemetryPool, type TelemetryPoolOptions } from "./telemetry-pool.ts";
import { drainMicrotasks, FakeClock } from "./testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "./testing/fake-driver.ts";

let clock: FakeClock;
let driver: FakeDriver;
let stores: TelemetryPool[];

beforeEach(() => {
  clock = new FakeClock({ startMs: 1_767_225_600_000 });
  driver = fakeDriver({ clock });
  stores = [];
});

/** After every test: the store closes, whatever hangs, and leaves no timer. */
afterEach(async () => {
  for (const store of stores) {
    const closed = store.close({ timeoutMs: 1 }).catch(() => undefined);
    await clock.advance(60_000);
    await closed;
  }
  expect(clock.pendingTimers).toBe(0);
});

function open(options: TelemetryPoolOptions = {}): TelemetryPool {
  const store = new TelemetryPool({ driver, clock, ...options });
  stores.push(store);
  return store;
}

/** The code of what a promise was rejected with, once it is. */
function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof TelepoolError ? error.code : error),
  );
}

describe("opening", () => {
  test("the driver is loaded at the first call, once", async () => {
    let loads = 0;
    const store = open({
      driver: async () => {
        loads++;
        return driver;
      },
    });
    expect(loads).toBe(0);
    await Promise.all([store.open(), store.insertProfile("s", {}, "m", "d"), store.getProfile("x")]);
    expect(loads).toBe(1);
    expect(driver.migrations.length).toBeGreaterThan(0);
  });

  test("an opening that failed is tried again by the next call", async () => {
    let loads = 0;
    const store = open({
      driver: async () => {
        if (++loads === 1) throw new TelepoolError("DRIVER_NOT_INSTALLED", "not there yet");
        return driver;
      },
    });
    expect(await codeOf(store.insertProfile("s", {}, "m", "d"))).toBe("DRIVER_NOT_INSTALLED");
    await store.insertProfile("s", {}, "m", "d");
    expect(driver.profiles.size).toBe(1);
  });

  test("every call that waits for an opening hears of its failure", async () => {
    const failing = open({ driver: () => Promise.reject(new TelepoolError("INVALID_OPTION", "wrong")) });
    const codes = await Promise.all([
      codeOf(failing.insertProfile("s", {}, "m", "d")),
      codeOf(failing.recordEvent("click")),
      codeOf(failing.getProfile("x")),
      codeOf(failing.getSession("x")),
    ]);
    expect(new Set(codes)).toEqual(new Set(["INVALID_OPTION"]));
    expect(await failing.health()).toMatchObject({ ok: false, error: { code: "INVALID_OPTION" } });
  });
});

describe("writing", () => {
  test("a row has the clock's time unless it brings its own", async () => {
    const store = open();
    const now = await store.insertProfile("s", {}, "m", "d");
    const then = await store.insertProfile("s", {}, "m", "d", { timestamp: 5, id: "own" });
    expect(then).toBe("own");
    expect(driver.profiles.get(now)?.timestamp).toBe(1_767_225_600_000);
    expect(driver.profiles.get("own")?.timestamp).toBe(5);
  });

  test("rows that met a busy database are written when it is free", async () => {
    const store = open();
    await store.open();
    driver.failNext("writeProfiles", { code: "DATABASE_BUSY", retryable: true }, 3);
    const inserted = codeOf(store.insertProfile("s", {}, "m", "d"));
    await clock.advance(1000);
    expect(await inserted).toBe("resolved");
    expect(driver.profiles.size).toBe(1);
  });

  test("a failure of the database rejects its batch, not the next one", async () => {
    const store = open();
    await store.open();
    driver.failNext("writeProfiles", { code: "STORAGE_FULL" });
    const codes = await Promise.all([1, 2].map(() => codeOf(store.insertProfile("s", {}, "m", "d"))));
    expect(codes).toEqual(["STORAGE_FULL", "STORAGE_FULL"]);
    await store.insertProfile("s", {}, "m", "d");
    expect(store.stats().queues.profiles).toMatchObject({ rows: 1, rejected: 2, queuedRows: 0 });
  });
});

describe("closing", () => {
  test("what is under way is waited for", async () => {
    const store = open();
    await store.open();
    const gate = driver.holdNext("writeProfiles");
    const first = codeOf(store.insertProfile("s", {}, "m", "d"));
    await gate.reached;
    const second = codeOf(store.insertProfile("s", {}, "m", "d"));
    const closed = codeOf(store.close());
    await drainMicrotasks();
    gate.open();
    expect([await first, await second, await closed]).toEqual(["resolved", "resolved", "resolved"]);
    expect(driver.profiles.size).toBe(2);
    expect(driver.openConnections).toBe(0);
  });

  test("a write that hangs is given up at the deadline, and its error says that its outcome is not known", async () => {
    const store = open();
    await store.open();
    driver.hangNext("writeProfiles");
    const writing = codeOf(store.insertProfile("s", {}, "m", "d"));
    await drainMicrotasks();
    const queued = codeOf(store.insertProfile("s", {}, "m", "d"));
    const closed = codeOf(store.close({ timeoutMs: 500 }));
    await clock.advance(500);
    expect([await writing, await queued]).toEqual(["COMMIT_OUTCOME_UNKNOWN", "CLOSE_TIMEOUT"]);
    expect(await closed).toBe("CLOSE_TIMEOUT");
  });

  test("a lookup that hangs is given up at the deadline", async () => {
    const store = open();
    await store.open();
    driver.hangNext("readProfiles");
    const found = codeOf(store.getProfile("x"));
    const closed = codeOf(store.close({ timeoutMs: 500 }));
    await clock.advance(500);
    expect([await found, await closed]).toEqual(["CLOSE_TIMEOUT", "CLOSE_TIMEOUT"]);
  });

  test("an opening that hangs is given up at the deadline", async () => {
    const store = open();
    driver.hangNext("connect");
    const inserted = codeOf(store.insertProfile("s", {}, "m", "d"));
    await drainMicrotasks();
    const closed = codeOf(store.close({ timeoutMs: 500 }));
    await clock.advance(500);
    expect([await inserted, await closed]).toEqual(["COMMIT_OUTCOME_UNKNOWN", "CLOSE_TIMEOUT"]);
  });

  test("Infinity waits without end, and an impossible deadline is refused before anything closes", async () => {
    const store = open();
    await store.open();
    for (const timeoutMs of [Number.NaN, -1, 2 ** 31]) {
      expect(await codeOf(store.close({ timeoutMs }))).toBe("INVALID_ARGUMENT");
    }
    expect(await codeOf(store.close({ timeoutms: 5 } as object))).toBe("INVALID_ARGUMENT"); // misspelt on purpose
    const gate = driver.holdNext("writeProfiles");
    const stored = codeOf(store.insertProfile("s", {}, "m", "d"));
    await gate.reached;
    const closed = codeOf(store.close({ timeoutMs: Number.POSITIVE_INFINITY }));
    await clock.advance(3_600_000);
    gate.open();
    expect([await stored, await closed]).toEqual(["resolved", "resolved"]);
  });

  test("rows that are written together are waited for, by flush and by close", async () => {
    const store = open();
    await store.open();
    const gate = driver.holdNext("writeProfiles");
    let isStored = false;
    const stored = store.insertProfiles([{ session: "s", profile: {}, member: "m", document: "d" }]).then(() => {
      isStored = true;
    });
    await gate.reached;
    const flushed = store.flush().then(() => isStored);
    const closed = store.close().then(() => isStored);
    gate.open();
    expect([await flushed, await closed]).toEqual([true, true]);
    await stored;
  });

  test("a driver that is loaded after the end is not opened", async () => {
    let arrive: (loaded: FakeDriver) => void = () => {};
    const store = open({
      driver: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    });
    const listed = codeOf(store.queryProfiles());
    await store.close();
    arrive(driver);
    expect(await listed).toBe("POOL_CLOSED");
    expect(driver.calls).toEqual([]);
  });

  test("a call that waits for the opening while the store closes is refused", async () => {
    const store = open();
    const gate = driver.holdNext("connect");
    const listed = codeOf(store.getSession("x"));
    await gate.reached;
    const closed = codeOf(store.close());
    gate.open();
    expect([await listed, await closed]).toEqual(["POOL_CLOSED", "resolved"]);
    expect(driver.openConnections).toBe(0);
  });

  test("close without a call before it opens nothing", async () => {
    await open().close();
    expect(driver.calls).toEqual([]);
  });
});

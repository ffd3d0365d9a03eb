import { beforeEach, describe, expect, test } from "bun:test";
import { CopyRig, someProfiles } from "../../test/copy-rig.ts";
import { TelepoolError } from "../errors.ts";
import { TelemetryPool } from "../telemetry-pool.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";
import { PoolManager } from "./pool-manager.ts";

let clock: FakeClock;
let manager: PoolManager;
/** The names of stores in the order in which they were closed. */
let closed: string[];

beforeEach(() => {
  clock = new FakeClock();
  manager = new PoolManager({ clock });
  closed = [];
});

/** A store that tells when it is closed. */
class WatchedStore extends TelemetryPool {
  readonly #name: string;

  constructor(name: string, driver: FakeDriver | (() => Promise<FakeDriver>) = fakeDriver({ clock })) {
    super({ driver, clock });
    this.#name = name;
  }

  override async close(options?: { readonly timeoutMs?: number }): Promise<void> {
    try {
      await super.close(options);
    } finally {
      closed.push(this.#name);
    }
  }
}

async function failureOf(promise: Promise<unknown>): Promise<TelepoolError> {
  const error = await promise.then(
    () => expect.unreachable("it was to be rejected"),
    (thrown: unknown) => thrown,
  );
  return error instanceof TelepoolError ? error : expect.unreachable(String(error));
}

describe("opening", () => {
  test("gives the store, which is there by its name", async () => {
    const store = new WatchedStore("main");
    expect(await manager.open("main", store)).toBe(store);
    expect(manager.get("main")).toBe(store);
    const memory = await manager.open("memory", "sqlite::memory:", { pool: { max: 1 } });
    const file = await manager.open("kind", "sqlite", { path: ":memory:" });
    expect([memory, file].every((one) => one instanceof TelemetryPool)).toBe(true);
    expect(manager.names).toEqual(["main", "memory", "kind"]);
    await manager.close();
  });

  test("refuses names that are none or are taken, and a store that has one", async () => {
    const store = new WatchedStore("main");
    await manager.open("main", store);
    for (const name of ["", "x".repeat(256), "main"]) {
      const refusal = await failureOf(manager.open(name, new WatchedStore("other")));
      expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", field: "name" });
    }
    expect(await failureOf(manager.open("again", store))).toMatchObject({ code: "INVALID_ARGUMENT", field: "store" });
    expect(await failureOf(manager.open("url", "oracle://hunter2"))).toMatchObject({ field: "url" });
    expect(manager.names).toEqual(["main"]);
    await manager.close();
  });

  test("of one name by several at once is for the first", async () => {
    const stores = ["first", "second", "third"].map((name) => new WatchedStore(name));
    const results = await Promise.allSettled(stores.map((store) => manager.open("main", store)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(manager.get("main")).toBe(stores[0] ?? expect.unreachable());
    await manager.close();
    expect(closed).toEqual(["first"]);
  });

  test("that fails leaves the name free and the store closed", async () => {
    const broken = new WatchedStore("broken", () => Promise.reject(new TelepoolError("INVALID_OPTION", "wrong")));
    expect((await failureOf(manager.open("main", broken))).code).toBe("INVALID_OPTION");
    expect(manager.names).toEqual([]);
    expect(await broken.health()).toMatchObject({ ok: false, error: { code: "POOL_CLOSED" } });
    await manager.open("main", new WatchedStore("sound"));
    await manager.close();
  });

  test("is not done while the store is not open", async () => {
    const driver = fakeDriver({ clock });
    const gate = driver.holdNext("connect");
    const opening = manager.open("main", new WatchedStore("main", driver));
    await gate.reached;
    expect(manager.names).toEqual([]);
    expect(() => manager.get("main")).toThrow("there is no store");
    gate.open();
    await opening;
    expect(manager.names).toEqual(["main"]);
    await manager.close();
  });
});

test("a name that is not there is refused with those that are", async () => {
  expect(() => manager.get("main")).toThrow('there is no store "main"; none is open');
  await manager.open("one", new WatchedStore("one"));
  await manager.open("two", new WatchedStore("two"));
  expect(() => manager.get("toString")).toThrow('there are: "one", "two"');
  await manager.close();
});

describe("health", () => {
  test("tells of each store whether it answers, also when its name is __proto__", async () => {
    const driver = fakeDriver({ clock });
    await manager.open("__proto__", new WatchedStore("sound"));
    await manager.open("broken", new WatchedStore("broken", driver));
    driver.failNext("ping", { code: "CONNECTION_LOST", message: "gone" });
    const health = await manager.health();
    expect(Object.keys(health)).toEqual(["__proto__", "broken"]);
    expect(Object.entries(health).map(([, { ok }]) => ok)).toEqual([true, false]);
    expect(Object.getPrototypeOf(health)).toBe(Object.prototype);
    await manager.close();
  });
});

describe("stats", () => {
  test("are those of each store, and their sums", async () => {
    const [one, two] = [new WatchedStore("one"), new WatchedStore("two")];
    await manager.open("__proto__", one);
    await manager.open("two", two);
    await Promise.all(someProfiles(3).map((input) => one.addProfile(input)));
    await Promise.all([...someProfiles(5), ...someProfiles(1)].map((input) => two.addProfile(input)));
    await two.recordEvent("click");
    await one.getProfile("profile-000000");
    const { pools, total } = manager.stats();
    expect(Object.keys(pools)).toEqual(["__proto__", "two"]);
    const all = Object.entries(pools).map(([, stats]) => stats);
    expect(total.stats.totalOperations).toBe(11);
    expect(total.queues).toMatchObject({
      profiles: { rows: 9, duplicates: 1, batches: 2, meanBatchRows: 4.5 },
      events: { rows: 1, batches: 1 },
      lookups: { keys: 1 },
    });
    for (const key of ["poolSize", "maxPoolSize", "inUse", "idle", "created", "destroyed", "timeouts"] as const) {
      expect(total[key]).toBe(all.reduce((sum, stats) => sum + stats[key], 0));
    }
    const { hits, misses } = total.stats;
    expect(total.hitRate).toBe(`${((100 * hits) / (hits + misses)).toFixed(1)}%`);
    await manager.close();
  });

  test("weigh the mean latency by the operations that it is of", async () => {
    const slow = fakeDriver({ clock, delaysMs: { writeProfiles: 90 } });
    const quick = fakeDriver({ clock, delaysMs: { writeProfiles: 10 } });
    const stores = await Promise.all([
      manager.open("slow", new WatchedStore("slow", slow)),
      manager.open("quick", new WatchedStore("quick", quick)),
    ]);
    const written = stores.flatMap((store, n) => someProfiles(n === 0 ? 1 : 3).map((input) => store.addProfile(input)));
    await clock.advance(1000);
    await Promise.all(written);
    expect(manager.stats().total.stats).toMatchObject({ totalOperations: 4, avgLatency: 30 });
    await manager.close();
  });

  test("of no store are zero", () => {
    expect(manager.stats()).toMatchObject({ pools: {}, total: { hitRate: "0%", stats: { avgLatency: 0 } } });
  });
});

describe("closing", () => {
  test("goes in the reverse order of opening, one store after the other", async () => {
    const second = fakeDriver({ clock });
    await manager.open("first", new WatchedStore("first"));
    const store = await manager.open("second", new WatchedStore("second", second));
    await manager.open("third", new WatchedStore("third"));
    const gate = second.holdNext("writeProfiles");
    const stored = store.insertProfile("s", {}, "m", "d");
    await gate.reached;
    const closing = manager.close();
    await drainMicrotasks();
    expect(closed).toEqual(["third"]);
    gate.open();
    await Promise.all([stored, closing]);
    expect(closed).toEqual(["third", "second", "first"]);
  });

  test("has one deadline for all, closes them all, and tells the first failure", async () => {
    const drivers = ["first", "second", "third"].map((name) => ({ name, driver: fakeDriver({ clock }) }));
    for (const { name, driver } of drivers) {
      const store = await manager.open(name, new WatchedStore(name, driver));
      if (name !== "first") driver.hangNext("writeProfiles");
      store.insertProfile(name, {}, "m", "d").catch(() => undefined);
    }
    await drainMicrotasks();
    const closing = manager.close({ timeoutMs: 500 });
    const failure = failureOf(closing);
    await clock.advance(499);
    expect(closed).toEqual([]);
    await clock.advance(1);
    expect((await failure).code).toBe("CLOSE_TIMEOUT");
    expect(closed).toEqual(["third", "second", "first"]);
    expect(clock.monotonicMs()).toBe(500);
  });

  test("takes thirty seconds at the most, unless told otherwise", async () => {
    const driver = fakeDriver({ clock });
    const store = await manager.open("main", new WatchedStore("main", driver));
    driver.hangNext("writeProfiles");
    store.insertProfile("s", {}, "m", "d").catch(() => undefined);
    await drainMicrotasks();
    const failure = failureOf(manager.close());
    await clock.advance(29_999);
    expect(closed).toEqual([]);
    await clock.advance(1);
    expect((await failure).code).toBe("CLOSE_TIMEOUT");
  });

  test("is joined by a second call, and refuses to open more", async () => {
    await manager.open("main", new WatchedStore("main"));
    const closing = manager.close();
    expect(manager.close({ timeoutMs: 1 })).toBe(closing);
    expect((await failureOf(manager.open("late", new WatchedStore("late")))).code).toBe("POOL_CLOSED");
    await closing;
    await manager[Symbol.asyncDispose]();
    expect(closed).toEqual(["main"]);
  });

  test("refuses an impossible deadline before anything closes", async () => {
    await manager.open("main", new WatchedStore("main"));
    for (const timeoutMs of [-1, Number.NaN]) {
      expect((await failureOf(manager.close({ timeoutMs }))).code).toBe("INVALID_ARGUMENT");
    }
    expect(await manager.health()).toMatchObject({ main: { ok: true } });
    await manager.close();
  });

  test("closes a store that is being opened, whose opening is refused", async () => {
    const driver = fakeDriver({ clock });
    const gate = driver.holdNext("connect");
    const opening = failureOf(manager.open("main", new WatchedStore("main", driver)));
    await gate.reached;
    const closing = manager.close();
    gate.open();
    await closing;
    expect((await opening).code).toBe("POOL_CLOSED");
    expect(driver.openConnections).toBe(0);
    expect(manager.names).toEqual([]);
  });

  test("without a store has nothing to do", async () => {
    await manager.close();
  });
});

test("stores are copied by their names, or as they are", async () => {
  await using rig = await CopyRig.create();
  const real = new PoolManager();
  const from = await real.open("from", await rig.open("from"));
  const to = await real.open("to", await rig.open("to"));
  await from.insertProfiles(someProfiles(10));
  expect(await real.copy("from", "to")).toMatchObject({ verified: true, profiles: { copied: 10 } });
  expect(await real.copy(from, to, { resume: true })).toMatchObject({ verified: true, profiles: { skipped: 10 } });
  expect((await failureOf(real.copy("form", "to"))).field).toBe("from");
  expect((await failureOf(real.copy("from", "ot"))).field).toBe("to");
  expect((await failureOf(real.copy("from", "from"))).field).toBe("to");
  await real.close();
});

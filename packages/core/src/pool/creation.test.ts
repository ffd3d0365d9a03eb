import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type FakeConnection, FakeFactory } from "../../test/fake-factory.ts";
import { TelepoolError } from "../errors.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import type { Lease } from "./lease.ts";
import { Pool } from "./pool.ts";
import { type PoolOptions, parsePoolOptions } from "./pool-options.ts";

let clock: FakeClock;
let factory: FakeFactory;
let pool: Pool<FakeConnection>;

beforeEach(() => {
  clock = new FakeClock({ seed: 11 });
  factory = new FakeFactory(clock);
});

afterEach(async () => {
  const closed = pool.close({ timeoutMs: 1 }).catch(() => undefined);
  await clock.advance(1000);
  await closed;
  expect(pool.stats().created).toBe(pool.stats().destroyed);
  expect(factory.mistakes).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

function open(options: PoolOptions): Pool<FakeConnection> {
  pool = new Pool<FakeConnection>(factory, options, { clock });
  return pool;
}

function takeInto(leases: Lease<FakeConnection>[], count: number): void {
  for (let i = 0; i < count; i++) {
    pool.acquire().then(
      (lease) => leases.push(lease),
      () => undefined,
    );
  }
}

describe("how many are created", () => {
  test("one caller gets one resource created, not max", async () => {
    factory.onCreate = () => ({ afterMs: 5 });
    open({ max: 20 });
    const used = pool.use(() => 1);
    await clock.advance(100);
    await used;
    expect(factory.creates).toBe(1);
  });

  test("fifty quick requests on five warm resources end with at most ten (the spike test)", async () => {
    factory.onCreate = () => ({ afterMs: 150 });
    open({ min: 5, max: 20 });
    const warm = pool.prewarm();
    await clock.advance(150);
    await warm;
    const spike = Array.from({ length: 50 }, () =>
      pool.use(() => new Promise((done) => clock.setTimer(() => done(1), 2))),
    );
    await clock.advance(25);
    await Promise.all(spike);
    await clock.advance(1000);
    expect(pool.stats().created).toBeLessThanOrEqual(6);
  });

  test("the same spike on resources that have to be validated first creates no more", async () => {
    factory.onCreate = () => ({ afterMs: 150 });
    open({ min: 5, max: 20 });
    const warm = pool.prewarm();
    await clock.advance(150);
    await warm;
    await clock.advance(5000);
    factory.onValidate = () => ({ afterMs: 1 });
    const spike = Array.from({ length: 50 }, () =>
      pool.use(() => new Promise((done) => clock.setTimer(() => done(1), 2))),
    );
    await clock.advance(30);
    await Promise.all(spike);
    await clock.advance(1000);
    expect(pool.stats().created).toBeLessThanOrEqual(6);
  });

  test("twenty long requests on a cold pool have their resources after one connect time", async () => {
    factory.onCreate = () => ({ afterMs: 150 });
    open({ max: 20 });
    const leases: Lease<FakeConnection>[] = [];
    takeInto(leases, 20);
    await clock.advance(151);
    expect(leases).toHaveLength(20);
  });

  test("twenty long requests on five warm resources have theirs after a connect time and 40 ms", async () => {
    factory.onCreate = () => ({ afterMs: 150 });
    open({ min: 5, max: 20 });
    const warm = pool.prewarm();
    await clock.advance(150);
    await warm;
    const leases: Lease<FakeConnection>[] = [];
    takeInto(leases, 20);
    await clock.advance(190);
    expect(leases).toHaveLength(20);
  });

  test("a queue that drains more slowly than a connect takes has more created, though releases go on", async () => {
    factory.onCreate = () => ({ afterMs: 50 });
    open({ min: 2, max: 20, acquireTimeoutMs: 60_000 });
    const warm = pool.prewarm();
    await clock.advance(50);
    await warm;
    for (let i = 0; i < 200; i++) void pool.use(() => new Promise((done) => clock.setTimer(() => done(1), 9)));
    await clock.advance(150);
    expect(pool.stats().poolSize).toBeGreaterThanOrEqual(10);
    await clock.advance(2000);
  });

  test("creations in flight never exceed the waiters, and those who gave up need none", async () => {
    factory.onCreate = () => ({ afterMs: 500 });
    open({ max: 20, acquireTimeoutMs: 100 });
    const leases: Lease<FakeConnection>[] = [];
    takeInto(leases, 3);
    expect(pool.stats().creating).toBe(3);
    await clock.advance(100);
    expect(pool.stats()).toMatchObject({ creating: 3, waiting: 0 });
    takeInto(leases, 2);
    expect(pool.stats().creating).toBe(3);
    await clock.advance(99);
    expect(pool.stats().creating).toBe(3);
    await clock.advance(1000);
    expect(leases).toHaveLength(0);
  });

  test("a connection that arrives after its waiter has gone joins the idle ones", async () => {
    factory.onCreate = () => ({ afterMs: 500 });
    open({ max: 1, acquireTimeoutMs: 100 });
    takeInto([], 1);
    await clock.advance(500);
    expect(pool.stats()).toMatchObject({ timeouts: 1, creating: 0, idle: 1 });
    expect(await pool.use((connection) => connection.id)).toBe(1);
  });

  test("a connect result and a deadline at the same moment settle the acquire once and lose no slot", async () => {
    factory.onCreate = () => ({ afterMs: 100 });
    open({ max: 1, acquireTimeoutMs: 100 });
    const outcomes: string[] = [];
    pool.acquire().then(
      (lease) => {
        outcomes.push("served");
        lease.release();
      },
      () => outcomes.push("timed out"),
    );
    await clock.advance(100);
    expect(outcomes).toHaveLength(1);
    expect(pool.stats()).toMatchObject({ idle: 1, inUse: 0, creating: 0, waiting: 0 });
  });
});

describe("min", () => {
  test("prewarm creates min resources at once and waits for them", async () => {
    factory.onCreate = () => ({ afterMs: 150 });
    open({ min: 5 });
    const warm = Promise.all([pool.prewarm(), pool.prewarm()]);
    expect(pool.stats().creating).toBe(5);
    await clock.advance(150);
    await warm;
    expect(pool.stats().idle).toBe(5);
    await pool.prewarm();
  });

  test("prewarm says why it failed, and the pool goes on trying", async () => {
    factory.onCreate = () => "fails at once";
    open({ min: 2 });
    const error: unknown = await pool.prewarm().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CONNECT_FAILED", cause: new Error("the server is away") });
    factory.onCreate = () => "at once";
    await clock.advance(100);
    expect(pool.stats().idle).toBe(2);
  });

  test("a resource that is retired below min is replaced in the background", async () => {
    open({ min: 2 });
    await pool.prewarm();
    factory.onCreate = () => "fails at once";
    const [first] = factory.live;
    if (first !== undefined) pool.retire(first, "gone");
    await clock.advance(3000);
    expect(pool.stats().idle).toBe(1);
    factory.onCreate = () => "at once";
    await clock.advance(2000);
    expect(pool.stats()).toMatchObject({ idle: 2, waiting: 0 });
  });

  test("prewarming a large pool of synchronous resources does not overflow the stack", async () => {
    open({ min: 20_000, max: 20_000 });
    await pool.prewarm();
    expect(pool.stats().idle).toBe(20_000);
  });
});

describe("failures", () => {
  test("a factory that rejects at once is backed off from: few attempts, and deadlines fire", async () => {
    factory.onCreate = () => "fails at once";
    open({ max: 20, acquireTimeoutMs: 1500 });
    const errors: unknown[] = [];
    for (let i = 0; i < 30; i++) pool.acquire().catch((error: unknown) => errors.push(error));
    await clock.advance(1500);
    expect(errors).toHaveLength(30);
    expect(factory.creates).toBeLessThan(35);
    expect(pool.stats()).toMatchObject({ creating: 0, waiting: 0 });
  });

  test("under the real clock too: macrotasks run and a 50 ms deadline fires", async () => {
    let creates = 0;
    const real = new Pool(
      {
        create: () => {
          creates++;
          return Promise.reject(new Error("refused"));
        },
        destroy: () => undefined,
      },
      { acquireTimeoutMs: 50 },
    );
    await expect(real.acquire()).rejects.toMatchObject({ code: "ACQUIRE_TIMEOUT" });
    expect(creates).toBeLessThan(5);
    await real.close();
    open({});
  });

  test("a factory that throws is the same as one that rejects", async () => {
    open({ acquireTimeoutMs: 500 });
    factory.create = () => {
      throw new Error("thrown");
    };
    const failed = pool.acquire().catch((error: unknown) => error);
    await clock.advance(500);
    expect(await failed).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: new Error("thrown") });
  });

  test("waiters are served within one back-off step after the server is back", async () => {
    factory.onCreate = () => "fails at once";
    open({ max: 5, acquireTimeoutMs: 120_000, connectBackoff: { initialMs: 50, maxMs: 2000 } });
    const leases: Lease<FakeConnection>[] = [];
    takeInto(leases, 5);
    await clock.advance(60_000);
    const attempts = factory.creates;
    expect(attempts).toBeLessThan(80);
    factory.onCreate = () => "at once";
    await clock.advance(2000);
    expect(leases).toHaveLength(5);
  });

  test("an attempt that hangs keeps the next one back for no longer than the longest step", async () => {
    factory.onCreate = () => "fails at once";
    open({ max: 5, acquireTimeoutMs: 120_000 });
    const leases: Lease<FakeConnection>[] = [];
    takeInto(leases, 1);
    await drainMicrotasks();
    factory.onCreate = () => "hangs";
    takeInto(leases, 1);
    await clock.advance(100);
    expect(factory.creates).toBe(2);
    factory.onCreate = () => "at once";
    await clock.advance(2000);
    expect(leases.length).toBeGreaterThanOrEqual(1);
  });

  test("the waits between attempts grow to the limit and are jittered", async () => {
    factory.onCreate = () => "fails at once";
    open({ acquireTimeoutMs: 60_000, connectBackoff: { initialMs: 100, maxMs: 1600 } });
    const waits: number[] = [];
    pool.on("createError", ({ retryInMs }) => waits.push(retryInMs));
    takeInto([], 1);
    await clock.advance(20_000);
    const full = waits.map((_, step) => Math.min(1600, 100 * 2 ** step));
    for (const [step, wait] of waits.entries()) {
      expect(wait).toBeGreaterThan((full[step] ?? 0) / 2);
      expect(wait).toBeLessThanOrEqual(full[step] ?? 0);
    }
    expect(new Set(waits.slice(5)).size).toBe(waits.length - 5);
  });

  test("a factory that makes broken resources, or the same one twice, is backed off from as well", async () => {
    open({ max: 5, acquireTimeoutMs: 1000 });
    const same: FakeConnection = { id: 1, broken: true };
    factory.create = () => {
      factory.creates++;
      factory.live.add(same);
      return same;
    };
    const failed = pool.acquire().catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await failed).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: { code: "CONNECT_FAILED" } });
    expect(factory.creates).toBeLessThan(10);
    same.broken = false;
    const acquired = pool.acquire({ timeoutMs: 5000 });
    await clock.advance(2000);
    const lease = await acquired;
    const second = pool.acquire().catch((error: unknown) => error);
    await clock.advance(1000);
    expect(await second).toMatchObject({ code: "ACQUIRE_TIMEOUT", cause: { code: "CONNECT_FAILED" } });
    lease.release();
  });

  test("a server that accepts connections and drops them at once is backed off from", async () => {
    open({ min: 1 });
    pool.on("create", ({ resource }) => pool.retire(resource, "dropped"));
    const causes: unknown[] = [];
    pool.on("createError", ({ error }) => causes.push(error));
    await pool.prewarm().catch(() => undefined);
    await clock.advance(1000);
    expect(factory.creates).toBeGreaterThan(10);
    expect(factory.creates).toBeLessThan(45);
    expect(new Set(causes)).toEqual(new Set(["dropped"]));
  });

  test("a pool that nobody wants anything from keeps no timer after a failure", async () => {
    factory.onCreate = () => "fails at once";
    open({ acquireTimeoutMs: 100 });
    takeInto([], 1);
    await clock.advance(5000);
    expect(clock.pendingTimers).toBe(0);
  });

  test("a failure that trying again cannot mend is told to everybody who waits, and the next caller tries again", async () => {
    const refusal = new TelepoolError("PERMISSION_DENIED", "wrong password");
    let refuses = true;
    factory.create = () => {
      if (refuses) throw refusal;
      return FakeFactory.prototype.create.call(factory, new AbortController().signal);
    };
    const picky = Object.assign(factory, { isPermanent: (error: unknown) => error === refusal });
    pool = new Pool<FakeConnection>(picky, { max: 2 }, { clock });
    const waiting = Promise.allSettled([pool.acquire(), pool.use(() => 1)]);
    await clock.advance(50); // the second caller comes after the attempt, and shares the next one
    expect(await waiting).toEqual([
      { status: "rejected", reason: refusal },
      { status: "rejected", reason: refusal },
    ]);
    refuses = false;
    const later = pool.use((connection) => connection.id);
    await clock.advance(2000);
    expect(await later).toBe(1);
  });
});

/** A default as the page writes it: a number with narrow groups, `Infinity`, or a literal between backticks. */
function defaultIn(text: string): unknown {
  const literal = text.replaceAll("`", "").replace(/(?<=\d) (?=\d)/g, "");
  if (literal === "Infinity") return Number.POSITIVE_INFINITY;
  return JSON.parse(literal.replace(/(\w+):/g, '"$1":'));
}

describe("options", () => {
  test("the defaults are those that docs/pool-options.md states, and every option stands there", async () => {
    open({});
    const page = await Bun.file(join(import.meta.dir, "../../../../docs/pool-options.md")).text();
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)];
    const options = parsePoolOptions({});
    const documented = new Map<string, unknown>();
    for (const [, name = "", text = ""] of rows) {
      if (name in options && !documented.has(name)) documented.set(name, defaultIn(text)); // the first table has the defaults
    }
    expect(Object.fromEntries(documented)).toEqual({ ...options });
  });

  test("a wrong value is an INVALID_OPTION that names its path", () => {
    open({});
    const wrong: [unknown, string, RegExp][] = [
      [{ max: 0 }, "pool.max", /whole number from 1/],
      [{ min: 21 }, "pool.min", /must not be above pool.max \(got 21 and 20\)/],
      [{ acquireTimeoutMs: 0 }, "pool.acquireTimeoutMs", /from 1 to 2147483647 milliseconds, or Infinity/],
      [{ idleTimeoutMs: 1.5 }, "pool.idleTimeoutMs", /milliseconds, or Infinity/],
      [{ acquireTimeout: 5 }, "pool.acquireTimeout", /did you mean acquireTimeoutMs\?/],
      [{ selection: "random" }, "pool.selection", /"lifo" or "round-robin"/],
      [{ connectBackoff: { initialMs: 5, maxMs: 1 } }, "pool.connectBackoff.initialMs", /must not be above/],
      [{ connectBackoff: { initialMs: 5 } }, "pool.connectBackoff.maxMs", /./],
      [{ name: "" }, "pool.name", /must not be empty/],
    ];
    for (const [input, field, message] of wrong) {
      expect(() => parsePoolOptions(input)).toThrow(expect.objectContaining({ code: "INVALID_OPTION", field }));
      expect(() => parsePoolOptions(input)).toThrow(message);
    }
  });

  test("keepalive without a factory that can validate is refused", () => {
    open({});
    expect(() => new Pool({ create: () => 1, destroy: () => undefined }, { keepaliveMs: 5 })).toThrow(
      /pool.keepaliveMs/,
    );
  });
});

describe("statistics", () => {
  test("hits, misses, waits and uses add up", async () => {
    open({ max: 1, sampleEvery: 1 });
    expect(pool.stats().hitRate).toBe("0%");
    const busy = pool.use(() => clock.advance(40));
    const waited = pool.use(() => clock.advance(10));
    await Promise.all([busy, waited]);
    for (let i = 0; i < 6; i++) await pool.use(() => 1);
    const stats = pool.stats();
    expect(stats).toMatchObject({
      poolSize: 1,
      maxPoolSize: 1,
      hitRate: "75.0%",
      inUse: 0,
      idle: 1,
      stats: { hits: 6, misses: 2, totalOperations: 8 },
      waitMs: { count: 2, max: 40 },
      useMs: { count: 8, max: 40 },
      createMs: { count: 1 },
    });
    expect(stats.stats.avgLatency).toBe(50 / 8);
  });

  test("sampleEvery sets how many uses are timed, and 0 that none is", async () => {
    open({ sampleEvery: 0 });
    for (let i = 0; i < 100; i++) await pool.use(() => 1);
    expect(pool.stats().useMs.count).toBe(0);
    await pool.close();
    open({ sampleEvery: 10 });
    for (let i = 0; i < 100; i++) await pool.use(() => 1);
    expect(pool.stats().useMs.count).toBe(10);
  });
});

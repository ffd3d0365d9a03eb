import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TelepoolError } from "../errors.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeConnection, FakeFactory } from "./fake-factory.ts";
import type { Lease } from "./lease.ts";
import { Pool } from "./pool.ts";
import type { PoolOptions } from "./pool-options.ts";

let clock: FakeClock;
let factory: FakeFactory;
let pools: Pool<FakeConnection>[];

beforeEach(() => {
  clock = new FakeClock({ seed: 7 });
  factory = new FakeFactory(clock);
  pools = [];
});

/** After every test: the pool closes, nothing lives, nothing is scheduled. */
afterEach(async () => {
  for (const pool of pools) {
    const closed = pool.close({ timeoutMs: 1 }).catch(() => undefined);
    await clock.advance(60_000);
    await closed;
    const { created, destroyed, detached } = pool.stats();
    expect(created).toBe(destroyed + detached);
  }
  expect(factory.mistakes).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

function open(options: PoolOptions = {}): Pool<FakeConnection> {
  const pool = new Pool<FakeConnection>(factory, options, { clock });
  pools.push(pool);
  return pool;
}

async function take(pool: Pool<FakeConnection>, count: number): Promise<Lease<FakeConnection>[]> {
  return await Promise.all(Array.from({ length: count }, () => pool.acquire()));
}

/** What became of a promise so far. */
function watch<T>(promise: Promise<T>): { value?: T; error?: TelepoolError } {
  const outcome: { value?: T; error?: TelepoolError } = {};
  promise.then(
    (value) => {
      outcome.value = value;
    },
    (error: unknown) => {
      outcome.error = error instanceof TelepoolError ? error : new TelepoolError("INVALID_ARGUMENT", String(error));
    },
  );
  return outcome;
}

describe("lending", () => {
  test("the constructor does no I/O and sets no timer", () => {
    open({ min: 5 });
    expect(factory.creates).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("use lends a resource and gives it back when the promise settles", async () => {
    const pool = open();
    expect(await pool.use(async (connection) => connection.id)).toBe(1);
    expect(await pool.use(async (connection) => connection.id)).toBe(1);
    expect(pool.stats()).toMatchObject({ inUse: 0, idle: 1, created: 1, hitRate: "50.0%" });
  });

  test("use gives the resource back before it returns when the callback answers at once", async () => {
    const pool = open();
    await pool.prewarm();
    await pool.use(() => 1);
    const result = pool.use(() => 2);
    expect(pool.stats().inUse).toBe(0);
    expect(await result).toBe(2);
  });

  test("use gives the resource back when the callback throws, at once, later, or after waiting", async () => {
    const pool = open({ max: 1 });
    const thrower = (): number => {
      throw new Error("mine");
    };
    await expect(pool.use(thrower)).rejects.toThrow("mine");
    await expect(pool.use(thrower)).rejects.toThrow("mine");
    await expect(pool.use(async () => thrower())).rejects.toThrow("mine");
    expect(pool.stats()).toMatchObject({ inUse: 0, idle: 1 });
  });

  test("a lease can be released once, and its disposal is silent", async () => {
    const pool = open();
    const lease = await pool.acquire();
    lease.release();
    expect(() => lease.release()).toThrow("this lease has ended already");
    expect(() => lease.destroy()).toThrow("this lease has ended already");
    await lease[Symbol.asyncDispose]();
    expect(pool.stats().idle).toBe(1);
  });

  test("a lease ends with the block that holds it", async () => {
    const pool = open();
    {
      await using lease = await pool.acquire();
      expect(lease.resource.id).toBe(1);
      expect(pool.stats().inUse).toBe(1);
    }
    expect(pool.stats().inUse).toBe(0);
  });

  test("a destroyed lease's resource is gone, with the reason in the event", async () => {
    const pool = open();
    const reasons: unknown[] = [];
    pool.on("destroy", ({ reason, error }) => reasons.push([reason, error]));
    (await pool.acquire()).destroy("out of sync");
    expect(reasons).toEqual([["destroyed", "out of sync"]]);
    expect(pool.stats()).toMatchObject({ poolSize: 0, destroyed: 1 });
  });

  test("a detached resource leaves for good and its slot is free", async () => {
    const pool = open({ max: 1 });
    const mine = (await pool.acquire()).detach();
    const other = await pool.acquire();
    expect(other.resource).not.toBe(mine);
    expect(factory.live.has(mine)).toBe(true);
    other.release();
    expect(pool.stats()).toMatchObject({ created: 2, detached: 1, destroyed: 0 });
  });

  test("tryAcquire lends what is idle and never creates or waits", async () => {
    const pool = open();
    expect(pool.tryAcquire()).toBeUndefined();
    await pool.use(() => 1);
    const lease = pool.tryAcquire();
    expect(lease?.resource.id).toBe(1);
    expect(pool.tryAcquire()).toBeUndefined();
    lease?.release();
    expect(factory.creates).toBe(1);
  });

  test("tryAcquire finds a stale resource on a later try", async () => {
    const pool = open();
    factory.onValidate = () => ({ afterMs: 3 });
    await pool.use(() => 1);
    await clock.advance(10_000);
    expect(pool.tryAcquire()).toBeUndefined();
    await clock.advance(3);
    expect(pool.tryAcquire()?.resource.id).toBe(1);
  });

  test("lifo lends what came back last, round-robin what has been idle longest", async () => {
    for (const [selection, expected] of [
      ["lifo", 3],
      ["round-robin", 1],
    ] as const) {
      factory = new FakeFactory(clock);
      const pool = open({ selection });
      for (const lease of await take(pool, 3)) lease.release();
      expect(await pool.use((connection) => connection.id)).toBe(expected);
    }
  });

  test("a released resource goes to the first waiter, and a newcomer does not overtake", async () => {
    const pool = open({ max: 1 });
    const lease = await pool.acquire();
    const order: string[] = [];
    const first = pool.use(() => order.push("first"));
    const second = pool.use(() => order.push("second"));
    lease.release();
    const newcomer = pool.use(() => order.push("newcomer"));
    await Promise.all([first, second, newcomer]);
    expect(order).toEqual(["first", "second", "newcomer"]);
  });

  test("a newcomer does not overtake one who waits for a validation, even where something fresh lies idle", async () => {
    const pool = open({ selection: "round-robin" });
    const [a, b, c] = await take(pool, 3);
    a?.release();
    b?.release();
    await clock.advance(1000);
    c?.release();
    factory.onValidate = () => ({ afterMs: 50 });
    const waiter = watch(pool.acquire());
    await drainMicrotasks();
    expect(waiter).toEqual({});
    const newcomer = watch(pool.acquire());
    await drainMicrotasks();
    expect(waiter.value?.resource.id).toBe(3);
    expect(newcomer).toEqual({});
    await clock.advance(50);
    expect(newcomer.value?.resource.id).toBe(1);
  });
});

describe("waiting", () => {
  test("a timed-out waiter leaves the queue and does not swallow the next release", async () => {
    const pool = open({ max: 1, acquireTimeoutMs: 50 });
    const lease = await pool.acquire();
    const late = watch(pool.acquire());
    await clock.advance(50);
    expect(late.error?.code).toBe("ACQUIRE_TIMEOUT");
    expect(pool.stats()).toMatchObject({ waiting: 0, timeouts: 1 });
    lease.release();
    expect(await pool.use(() => "served")).toBe("served");
  });

  test("the timeout's error carries the pool's state and the last connect failure", async () => {
    const pool = open({ max: 2 });
    const events: string[] = [];
    pool.on("acquireTimeout", ({ error }) => events.push(error.message));
    const leases = await take(pool, 1);
    factory.onCreate = () => "fails at once";
    const waiters = [watch(pool.acquire()), watch(pool.acquire()), watch(pool.acquire({ timeoutMs: 9000 }))];
    await clock.advance(5000);
    expect(waiters[0]?.error?.message).toMatch(
      /^no connection within 5000 ms \(inUse=1 idle=0 creating=[01] waiting=3 max=2\)$/,
    );
    expect(waiters[0]?.error?.cause).toEqual(new Error("the server is away"));
    expect(events).toHaveLength(2);
    expect(waiters[2]).toEqual({});
    await clock.advance(4000);
    expect(waiters[2]?.error?.code).toBe("ACQUIRE_TIMEOUT");
    for (const lease of leases) lease.release();
  });

  test("waiters with timeouts of their own expire in the order of their deadlines", async () => {
    const pool = open({ max: 1 });
    const lease = await pool.acquire();
    const outcomes = [undefined, 300, 100, 200, Number.POSITIVE_INFINITY].map((timeoutMs) => watch(pool.acquire({ timeoutMs })));
    const expired = (): boolean[] => outcomes.map(({ error }) => error !== undefined);
    await clock.advance(100);
    expect(expired()).toEqual([false, false, true, false, false]);
    await clock.advance(199);
    expect(expired()).toEqual([false, false, true, true, false]);
    await clock.advance(1);
    expect(expired()).toEqual([false, true, true, true, false]);
    await clock.advance(5000);
    expect(expired()).toEqual([true, true, true, true, false]);
    lease.release();
    await drainMicrotasks();
    expect(outcomes[4]?.value?.resource.id).toBe(1);
  });

  test("a thousand waiters share one timer", async () => {
    const pool = open({ max: 1, maxLifetimeMs: Number.POSITIVE_INFINITY, idleTimeoutMs: Number.POSITIVE_INFINITY });
    await pool.acquire();
    for (let i = 0; i < 1000; i++) watch(pool.acquire());
    expect(clock.pendingTimers).toBe(1);
  });

  test("an aborted waiter leaves the queue, and its listener is gone once it has settled", async () => {
    const pool = open({ max: 1 });
    const lease = await pool.acquire();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      listeners++;
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: EventListenerOrEventListenerObject) => {
      listeners--;
      remove(type, listener);
    };
    const served = watch(pool.acquire({ signal }));
    const aborted = watch(pool.acquire({ signal }));
    expect(listeners).toBe(2);
    lease.release();
    await drainMicrotasks();
    expect(listeners).toBe(1);
    controller.abort("enough");
    await drainMicrotasks();
    expect(aborted.error).toMatchObject({ code: "ABORTED", cause: "enough" });
    expect(listeners).toBe(0);
    expect(pool.stats()).toMatchObject({ waiting: 0, inUse: 1 });
    served.value?.release();
    expect(pool.stats()).toMatchObject({ inUse: 0, idle: 1 });
  });

  test("a signal that has fired already, or an impossible timeout, rejects without taking anything", async () => {
    const pool = open();
    await pool.prewarm();
    await expect(pool.acquire({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    await expect(pool.use(() => 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    for (const timeoutMs of [0, -1, Number.NaN, 2 ** 31]) {
      await expect(pool.acquire({ timeoutMs })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "timeoutMs" });
    }
    expect(factory.creates).toBe(0);
  });

  test("more than maxWaiting waiters are turned away at once", async () => {
    const pool = open({ max: 1, maxWaiting: 2 });
    const lease = await pool.acquire();
    const waiters = [watch(pool.acquire()), watch(pool.acquire())];
    await expect(pool.acquire()).rejects.toMatchObject({
      code: "POOL_OVERLOADED",
      message: "maxWaiting=2 callers wait already (inUse=1 idle=0 creating=0 waiting=2 max=1)",
    });
    lease.release();
    await drainMicrotasks();
    waiters[0]?.value?.release();
    await drainMicrotasks();
    waiters[1]?.value?.release();
  });
});

describe("checking", () => {
  test("a resource is validated before lending only when it has been idle for long enough", async () => {
    const pool = open();
    await pool.use(() => 1);
    await clock.advance(499);
    await pool.use(() => 1);
    expect(factory.validates).toBe(0);
    await clock.advance(500);
    expect(await pool.use((connection) => connection.id)).toBe(1);
    expect(factory.validates).toBe(1);
    expect(pool.stats().stats).toMatchObject({ hits: 1, misses: 2 });
  });

  test("a resource that fails its validation is destroyed and the waiter keeps its place and its deadline", async () => {
    const pool = open({ max: 1, acquireTimeoutMs: 1000 });
    await pool.use(() => 1);
    await clock.advance(10_000);
    factory.onValidate = () => ({ afterMs: 600, fails: true });
    factory.onCreate = () => ({ afterMs: 600 });
    const waiter = watch(pool.acquire());
    await clock.advance(999);
    expect(waiter).toEqual({});
    await clock.advance(1);
    expect(waiter.error?.code).toBe("ACQUIRE_TIMEOUT");
    await clock.advance(200);
    expect(pool.stats()).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
  });

  test("a black-holed connection does not hang the acquire, nor do five of them one after the other", async () => {
    const pool = open();
    for (const lease of await take(pool, 5)) lease.release();
    await clock.advance(10_000);
    factory.onValidate = () => "hangs";
    factory.onCreate = () => ({ afterMs: 20 });
    const waiter = watch(pool.acquire());
    await clock.advance(2100);
    expect(waiter.value?.resource.id).toBe(6);
    await clock.advance(2000);
    expect(pool.stats()).toMatchObject({ poolSize: 1, destroyed: 5 });
    waiter.value?.release();
  });

  test("a reset that says no, throws or hangs costs the resource and never the slot", async () => {
    const pool = open({ max: 1 });
    const reasons: string[] = [];
    pool.on("destroy", ({ reason }) => reasons.push(reason));
    for (const behaviour of ["fails at once", "hangs"] as const) {
      factory.onReset = () => behaviour;
      await pool.use(() => 1);
      await clock.advance(2000);
      expect(pool.stats().poolSize).toBe(0);
    }
    factory.reset = () => false;
    await pool.use(() => 1);
    expect(reasons).toEqual(["reset", "reset", "reset"]);
  });

  test("a resource is not lent again before its reset has ended", async () => {
    const pool = open({ max: 1 });
    factory.onReset = () => ({ afterMs: 5 });
    await pool.use(() => 1);
    const next = watch(pool.acquire());
    await clock.advance(4);
    expect(next).toEqual({});
    await clock.advance(1);
    expect(next.value?.resource.id).toBe(1);
    next.value?.release();
  });

  test("a broken resource is destroyed on release and on lending", async () => {
    const pool = open();
    await pool.use((connection) => {
      connection.broken = true;
    });
    expect(pool.stats()).toMatchObject({ idle: 0, destroyed: 1 });
    const second = await pool.use((connection) => connection);
    second.broken = true;
    expect(await pool.use((connection) => connection.id)).toBe(3);
  });

  test("an error on an idle resource retires it, is an event, and the process lives", async () => {
    const pool = open({ min: 1 });
    const errors: unknown[] = [];
    pool.on("resourceError", ({ error }) => errors.push(error));
    const connection = await pool.use((resource) => resource);
    pool.retire(connection, "ECONNRESET");
    expect(errors).toEqual(["ECONNRESET"]);
    expect(factory.live.has(connection)).toBe(false);
    expect(pool.stats()).toMatchObject({ idle: 1, created: 2, destroyed: 1 });
    pool.retire(connection, "again");
    expect(errors).toHaveLength(1);
  });

  test("an error on a resource in use lets its user finish", async () => {
    const pool = open();
    const lease = await pool.acquire();
    pool.retire(lease.resource, "ECONNRESET");
    expect(factory.live.has(lease.resource)).toBe(true);
    lease.release();
    expect(factory.live.has(lease.resource)).toBe(false);
  });

  test("keepalive validates what lies idle and leaves the order of use alone", async () => {
    const pool = open({ keepaliveMs: 1000, min: 2 });
    for (const lease of await take(pool, 2)) lease.release();
    await clock.advance(5000);
    expect(factory.validates).toBeGreaterThanOrEqual(6);
    expect(pool.stats().idle).toBe(2);
    factory.onValidate = () => "fails at once";
    await clock.advance(2000);
    expect(pool.stats().destroyed).toBeGreaterThanOrEqual(2);
    expect(pool.stats().idle).toBe(2);
  });
});

describe("ageing", () => {
  test("idle resources above min are closed after one to one and a quarter times idleTimeoutMs", async () => {
    const pool = open({ min: 1, idleTimeoutMs: 1000, maxLifetimeMs: Number.POSITIVE_INFINITY });
    for (const lease of await take(pool, 4)) lease.release();
    await clock.advance(999);
    expect(pool.stats().idle).toBe(4);
    await clock.advance(251);
    expect(pool.stats().idle).toBe(1);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(5000);
    expect(clock.pendingTimers).toBe(0);
  });

  test("neither limit ever ends a resource in use, and the lifetime is enforced on release", async () => {
    const pool = open({ idleTimeoutMs: 100, maxLifetimeMs: 1000 });
    const lease = await pool.acquire();
    await clock.advance(50_000);
    expect(factory.live.has(lease.resource)).toBe(true);
    const reasons: string[] = [];
    pool.on("destroy", ({ reason }) => reasons.push(reason));
    lease.release();
    expect(reasons).toEqual(["lifetime"]);
  });

  test("a pool that is busy without a pause still renews its resources", async () => {
    const pool = open({ max: 1, maxLifetimeMs: 1000 });
    for (let i = 0; i < 100; i++) {
      const first = pool.use(() => clock.advance(0));
      const second = pool.use(() => clock.advance(0));
      await Promise.all([first, second]);
      await clock.advance(50);
    }
    expect(pool.stats().created).toBe(6);
  });

  test("resources that were created together do not end together", async () => {
    const pool = open({ maxLifetimeMs: 100_000 });
    for (const lease of await take(pool, 20)) lease.release();
    const ends: number[] = [];
    pool.on("destroy", () => ends.push(clock.monotonicMs()));
    await clock.advance(100_000);
    expect(ends).toHaveLength(20);
    expect(new Set(ends).size).toBeGreaterThan(15);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(90_000);
    expect(Math.max(...ends)).toBeLessThanOrEqual(97_501);
  });

  test("a lease that is held for too long is a leak event with its acquirer's stack, and a notice when it returns", async () => {
    const pool = open({ leakThresholdMs: 1000 });
    const events: [string, number, boolean][] = [];
    pool.on("leak", ({ heldMs, stack }) => events.push(["leak", heldMs, stack.includes("pool.test.ts")]));
    pool.on("leakReturned", ({ heldMs, stack }) => events.push(["returned", heldMs, stack.includes("pool.test.ts")]));
    const lease = await pool.acquire();
    await clock.advance(3000);
    lease.release();
    expect(events).toEqual([
      ["leak", 1000, true],
      ["returned", 3000, true],
    ]);
    const quick = await pool.acquire();
    await clock.advance(999);
    quick.release();
    await clock.advance(5000);
    expect(events).toHaveLength(2);
  });
});

describe("closing", () => {
  test("acquire after close rejects at once, tryAcquire lends nothing, close can be called again", async () => {
    const pool = open();
    await pool.use(() => 1);
    const closed = pool.close();
    expect(pool.close()).toBe(closed);
    await closed;
    await expect(pool.acquire()).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await expect(pool.use(() => 1)).rejects.toMatchObject({ code: "POOL_CLOSED" });
    await expect(pool.prewarm()).rejects.toMatchObject({ code: "POOL_CLOSED" });
    expect(pool.tryAcquire()).toBeUndefined();
  });

  test("close rejects those who wait at once and waits for those who use", async () => {
    const pool = open({ max: 1 });
    const lease = await pool.acquire();
    const waiter = watch(pool.acquire());
    const closed = watch(pool.close().then(() => "closed"));
    await drainMicrotasks();
    expect(waiter.error?.code).toBe("POOL_CLOSED");
    await clock.advance(29_999);
    expect(closed).toEqual({});
    lease.release();
    await drainMicrotasks();
    expect(closed.value).toBe("closed");
    expect(clock.pendingTimers).toBe(0);
  });

  test("close gives up at its deadline, destroys what is still out, and a late release does no harm", async () => {
    const pool = open();
    const events: boolean[] = [];
    pool.on("close", ({ timedOut }) => events.push(timedOut));
    const lease = await pool.acquire();
    const detached = await pool.acquire();
    const closed = watch(pool.close({ timeoutMs: 100 }));
    await clock.advance(100);
    expect(closed.error).toMatchObject({
      code: "CLOSE_TIMEOUT",
      message: "pool pool did not close in time (inUse=2 idle=0 creating=0 waiting=0 max=20 destroying=0)",
    });
    expect(factory.live.size).toBe(0);
    lease.release();
    detached.detach();
    expect(pool.stats()).toMatchObject({ created: 2, destroyed: 2, detached: 0 });
    expect(events).toEqual([true]);
  });

  test("close aborts creations and validations, and ends without them", async () => {
    const pool = open({ max: 3 });
    const leases = await take(pool, 1);
    for (const lease of leases) lease.release();
    await clock.advance(10_000);
    factory.onValidate = () => "hangs";
    factory.onCreate = () => "hangs";
    const waiters = [watch(pool.acquire()), watch(pool.acquire()), watch(pool.prewarm())];
    await pool.close();
    await drainMicrotasks();
    expect(waiters.map(({ error }) => error?.code)).toEqual(["POOL_CLOSED", "POOL_CLOSED", undefined]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("a connection that arrives after the close is destroyed", async () => {
    const made: ((connection: FakeConnection) => void)[] = [];
    const late: FakeConnection = { id: 99, broken: false };
    factory.live.add(late);
    factory.create = () => new Promise((resolve) => made.push(resolve));
    const pool = open();
    const waiter = watch(pool.acquire());
    const closed = watch(pool.close({ timeoutMs: 10 }));
    await clock.advance(10);
    expect(closed.error?.code).toBe("CLOSE_TIMEOUT");
    expect(waiter.error?.code).toBe("POOL_CLOSED");
    made[0]?.(late);
    await drainMicrotasks();
    expect(factory.live.size).toBe(0);
  });

  test("a destroy that hangs or fails keeps no slot, and close says so", async () => {
    const pool = open({ max: 1 });
    const failures: unknown[] = [];
    pool.on("destroyError", ({ error }) => failures.push(error));
    factory.onDestroy = () => "fails at once";
    (await pool.acquire()).destroy();
    (await pool.acquire()).destroy();
    await drainMicrotasks();
    expect(failures).toHaveLength(2);
    expect(pool.stats()).toMatchObject({ created: 2, destroyed: 2 });
    factory.onDestroy = () => ({ afterMs: 500 });
    await pool.use(() => 1);
    const closed = watch(pool.close({ timeoutMs: 100 }));
    await clock.advance(100);
    expect(closed.error?.message).toContain("destroying=1");
    await clock.advance(400);
  });

  test("the pool closes at the end of the block that holds it", async () => {
    {
      await using pool = open();
      await pool.use(() => 1);
    }
    expect(factory.live.size).toBe(0);
  });
});

describe("events", () => {
  test("a listener that throws harms nobody and is reported to listenerError", async () => {
    const pool = open();
    const reported: unknown[] = [];
    let second = 0;
    pool.on("create", () => {
      throw new Error("listener");
    });
    pool.on("create", () => second++);
    pool.on("listenerError", ({ event, error }) => {
      reported.push([event, String(error)]);
      throw new Error("and this one too");
    });
    expect(await pool.use(() => "served")).toBe("served");
    expect(second).toBe(1);
    expect(reported).toEqual([["create", "Error: listener"]]);
  });

  test("a listener that was removed is not called", async () => {
    const pool = open();
    let calls = 0;
    const remove = pool.on("create", () => calls++);
    remove();
    await pool.use(() => 1);
    expect(calls).toBe(0);
  });

  test("listeners may call the pool from within an event", async () => {
    const pool = open({ max: 2 });
    pool.on("create", ({ resource }) => resource.id === 1 && pool.retire(resource, "unwanted"));
    pool.on("destroy", () => pool.tryAcquire()?.release());
    expect(await pool.use((connection) => connection.id)).toBe(2);
    const stopper = open();
    stopper.on("create", () => void stopper.close());
    await expect(stopper.acquire()).rejects.toMatchObject({ code: "POOL_CLOSED" });
  });
});

import { describe, expect, test } from "bun:test";
import { clock, factory, installRig, open, take, watch } from "../../test/pool-rig.ts";
import { drainMicrotasks } from "../testing/fake-clock.ts";

installRig();

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
    const next = watch(pool.acquire());
    await clock.advance(100);
    expect(next.value?.resource.id).toBe(7);
    await clock.advance(2000);
    expect(pool.stats()).toMatchObject({ poolSize: 2, destroyed: 5 });
  });

  test("while nothing can be created, one idle resource after the other is tried", async () => {
    const pool = open({ max: 3, acquireTimeoutMs: 60_000 });
    const [a, b, c] = await take(pool, 3);
    c?.release();
    await clock.advance(1000);
    factory.onCreate = () => "hangs";
    factory.onValidate = () => "fails at once";
    const first = watch(pool.acquire());
    await drainMicrotasks();
    a?.release();
    await drainMicrotasks();
    first.value?.release();
    b?.release();
    await clock.advance(1000);
    let asked = 0;
    factory.onValidate = () => (asked++ === 0 ? "fails at once" : "at once");
    const second = watch(pool.acquire());
    await clock.advance(100);
    expect(second.value?.resource).toBeDefined();
    expect(asked).toBe(2);
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
    factory.onValidate = () => "at once";
    await clock.advance(100);
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
    pool.on("leak", ({ heldMs, stack }) => events.push(["leak", heldMs, stack.includes("checking.test.ts")]));
    pool.on("leakReturned", ({ heldMs, stack }) =>
      events.push(["returned", heldMs, stack.includes("checking.test.ts")]),
    );
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

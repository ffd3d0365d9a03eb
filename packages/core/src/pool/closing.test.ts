import { describe, expect, test } from "bun:test";
import type { FakeConnection } from "../../test/fake-factory.ts";
import { clock, factory, installRig, open, take, watch } from "../../test/pool-rig.ts";
import { drainMicrotasks } from "../testing/fake-clock.ts";

installRig();

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

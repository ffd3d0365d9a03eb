import { describe, expect, spyOn, test } from "bun:test";
import { clock, factory, installRig, open, renewFactory, take, watch } from "../../test/pool-rig.ts";
import { drainMicrotasks } from "../testing/fake-clock.ts";

installRig();

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

  test("borrowing an idle resource sets no timer, by use, acquire or tryAcquire", async () => {
    const pool = open({ idleTimeoutMs: Number.POSITIVE_INFINITY, maxLifetimeMs: Number.POSITIVE_INFINITY });
    await pool.use(() => 1);
    const timersBefore = clock.pendingTimers;
    const setTimer = spyOn(clock, "setTimer");
    for (let i = 0; i < 100; i++) {
      await pool.use(() => 1);
      (await pool.acquire()).release();
      pool.tryAcquire()?.release();
    }
    expect(setTimer).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(timersBefore);
    setTimer.mockRestore();
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
      renewFactory();
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

describe("the head of the idle list", () => {
  test("when it is retired under one who waits for a validation, what lay behind it is lent to that one", async () => {
    const pool = open({ selection: "round-robin" });
    const [a, b, c] = await take(pool, 3);
    a?.release();
    b?.release();
    await clock.advance(1000);
    c?.release();
    factory.onValidate = () => "hangs";
    const waiter = watch(pool.acquire());
    const overtaken: unknown[] = [];
    pool.on("destroy", () => overtaken.push(pool.tryAcquire()));
    if (b !== undefined) pool.retire(b.resource, "ECONNRESET");
    await drainMicrotasks();
    expect(overtaken).toEqual([undefined]);
    expect(waiter.value?.resource.id).toBe(3);
    waiter.value?.release();
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
    const outcomes = [undefined, 300, 100, 200, Number.POSITIVE_INFINITY].map((timeoutMs) =>
      watch(pool.acquire({ timeoutMs })),
    );
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
    signal.addEventListener = (type: string, listener: () => void) => {
      listeners++;
      add(type, listener);
    };
    signal.removeEventListener = (type: string, listener: () => void) => {
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

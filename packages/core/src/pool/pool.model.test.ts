/**
 * A random walk over everything that can happen to a pool, with the invariants looked at after every step.
 *
 * The oracle at the end: every promise has settled, created = destroyed + detached, nothing lives, no timer is left.
 * A failure prints its seed; `POOL_MODEL_SEED=<seed>` walks that one alone.
 */
import { expect, test } from "bun:test";
import { type Behaviour, type FakeConnection, FakeFactory } from "../../test/fake-factory.ts";
import type { TelepoolError } from "../errors.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import type { Lease } from "./lease.ts";
import { Pool } from "./pool.ts";
import type { PoolOptions } from "./pool-options.ts";

const SEEDS = process.env.POOL_MODEL_SEED === undefined ? 120 : 1;
const FIRST_SEED = Number(process.env.POOL_MODEL_SEED ?? 1);
const STEPS = 600;

/** What a caller may be told; anything else is a bug. */
const EXPECTED_CODES = new Set(["ABORTED", "ACQUIRE_TIMEOUT", "POOL_CLOSED", "POOL_OVERLOADED"]);

/** One acquire of the walk. */
interface Request {
  readonly order: number;
  readonly deadlineMs: number;
  readonly controller: AbortController;
  settled: boolean;
}

class Walk {
  readonly clock: FakeClock;
  readonly factory: FakeFactory;
  readonly pool: Pool<FakeConnection>;
  readonly options: PoolOptions & { readonly max: number; readonly min: number };
  readonly leases: Lease<FakeConnection>[] = [];
  /** Acquires that have not settled, in the order in which they were made. */
  readonly pending: Set<Request> = new Set();
  readonly holders: Set<FakeConnection> = new Set();
  lastServedOrder = -1;
  requests = 0;

  constructor(seed: number) {
    this.clock = new FakeClock({ seed });
    this.factory = new FakeFactory(this.clock);
    const max = this.below(6) + 1;
    this.options = {
      max,
      min: this.below(max + 1),
      acquireTimeoutMs: 200 + this.below(2000),
      idleTimeoutMs: this.pick([500, 5000, Number.POSITIVE_INFINITY]),
      maxLifetimeMs: this.pick([300, 3000, Number.POSITIVE_INFINITY]),
      validateAfterIdleMs: this.pick([0, 50, 500, Number.POSITIVE_INFINITY]),
      validateTimeoutMs: 100,
      keepaliveMs: this.pick([200, 2000, Number.POSITIVE_INFINITY]),
      leakThresholdMs: this.pick([100, Number.POSITIVE_INFINITY]),
      maxWaiting: this.pick([5, 1000]),
      selection: this.pick(["lifo", "round-robin"] as const),
      connectBackoff: { initialMs: 10, maxMs: 200 },
      sampleEvery: this.below(4),
    };
    this.factory.onCreate = () => this.behaviour(0.25);
    this.factory.onValidate = () => this.behaviour(0.15);
    this.factory.onReset = () => this.behaviour(0.08);
    this.factory.onDestroy = () => this.pick<Behaviour>(["at once", "at once", "fails at once", { afterMs: 30 }]);
    this.pool = new Pool<FakeConnection>(this.factory, this.options, { clock: this.clock });
  }

  below(limit: number): number {
    return Math.floor(this.clock.random() * limit);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T; // never empty
  }

  behaviour(trouble: number): Behaviour {
    if (this.clock.random() < trouble) {
      return this.pick<Behaviour>(["fails at once", "hangs", { afterMs: this.below(300), fails: true }]);
    }
    return this.pick<Behaviour>(["at once", "at once", { afterMs: this.below(40) }]);
  }

  acquire(timeoutMs: number | undefined): void {
    const controller = new AbortController();
    const limitMs = timeoutMs ?? this.options.acquireTimeoutMs ?? 0;
    const request: Request = {
      order: this.requests++,
      deadlineMs: this.clock.monotonicMs() + limitMs,
      controller,
      settled: false,
    };
    this.pending.add(request);
    const settle = (): void => {
      expect(request.settled).toBe(false);
      request.settled = true;
      this.pending.delete(request);
    };
    this.pool.acquire({ signal: controller.signal, timeoutMs }).then(
      (lease) => {
        settle();
        expect(this.holders.has(lease.resource)).toBe(false);
        expect(request.order).toBeGreaterThan(this.lastServedOrder);
        this.lastServedOrder = request.order;
        this.holders.add(lease.resource);
        this.leases.push(lease);
      },
      (error: TelepoolError) => {
        settle();
        expect(EXPECTED_CODES).toContain(error.code);
        if (error.code === "ACQUIRE_TIMEOUT") {
          // At its own deadline and not a re-queued one; less than 1000 waiters are looked at in time.
          expect(Math.abs(this.clock.monotonicMs() - request.deadlineMs)).toBeLessThanOrEqual(1);
        }
      },
    );
  }

  /** Ends a random lease by `how`. */
  end(how: (lease: Lease<FakeConnection>) => void): void {
    const lease = this.leases.splice(this.below(this.leases.length), 1)[0];
    if (lease === undefined) return;
    this.holders.delete(lease.resource);
    how(lease);
    expect(() => lease.release()).toThrow();
  }

  async step(): Promise<void> {
    const dice = this.clock.random();
    if (dice < 0.28) this.acquire(this.pick([undefined, undefined, 1 + this.below(500)]));
    else if (dice < 0.48) this.end((lease) => lease.release());
    else if (dice < 0.52) this.end((lease) => lease.destroy("unwanted"));
    else if (dice < 0.53) this.end((lease) => this.factory.live.delete(lease.detach()));
    else if (dice < 0.57) this.pick([...this.pending, undefined])?.controller.abort();
    else if (dice < 0.61) this.retireAny();
    else if (dice < 0.64) this.breakAny();
    else if (dice < 0.67) this.tryAcquire();
    else if (dice < 0.68) void this.pool.prewarm().catch(() => undefined);
    else if (dice < 0.78) await drainMicrotasks();
    else if (dice < 0.97) await this.clock.advance(this.below(60));
    else await this.clock.advance(this.below(1500));
  }

  retireAny(): void {
    const connection = this.pick([...this.factory.live, undefined]);
    if (connection !== undefined) this.pool.retire(connection, "ECONNRESET");
  }

  breakAny(): void {
    const connection = this.pick([...this.factory.live, undefined]);
    if (connection !== undefined) connection.broken = true;
  }

  tryAcquire(): void {
    const lease = this.pool.tryAcquire();
    if (lease === undefined) return;
    expect(lease.resource.broken).toBe(false);
    expect(this.holders.has(lease.resource)).toBe(false);
    this.holders.add(lease.resource);
    this.leases.push(lease);
  }

  async check(): Promise<void> {
    const now = this.pool.stats();
    const { max, min } = this.options;
    expect(now.inUse + now.idle + now.creating).toBeLessThanOrEqual(max);
    expect(now.idle).toBeGreaterThanOrEqual(0);
    expect(now.creating).toBeGreaterThanOrEqual(0);
    expect(now.poolSize).toBe(now.inUse + now.idle);
    expect(now.inUse).toBeGreaterThanOrEqual(this.leases.length);
    expect(now.created).toBeGreaterThanOrEqual(now.poolSize + now.destroyed + now.detached);
    expect(now.waiting).toBeLessThanOrEqual(this.pending.size);
    expect(this.factory.mistakes).toEqual([]);
    for (const lease of this.leases) expect(this.factory.live).toContain(lease.resource);
    // Nobody waits without something under way that will serve them, or a timer that will start it.
    if (now.waiting > 0 && now.inUse === 0 && now.creating === 0) expect(this.clock.pendingTimers).toBeGreaterThan(1);
    if (this.clock.random() < 0.2) {
      await drainMicrotasks();
      const settled = this.pool.stats();
      expect(settled.waiting).toBe(this.pending.size);
      expect(settled.stats.totalOperations).toBeGreaterThanOrEqual(0);
      expect(settled.stats.hits + settled.stats.misses).toBeGreaterThanOrEqual(settled.stats.totalOperations);
      if (settled.waiting > 0 && min === 0 && settled.inUse === 0) expect(settled.idle).toBe(0);
    }
  }

  /** After the trouble has passed, everybody is served; then the pool closes to nothing. */
  async recoverAndClose(): Promise<void> {
    for (const name of ["onCreate", "onValidate", "onReset", "onDestroy"] as const)
      this.factory[name] = () => "at once";
    while (this.leases.length > 0) this.end((lease) => lease.release());
    await this.clock.advance(3000);
    while (this.leases.length > 0) this.end((lease) => lease.release());
    await this.clock.advance(3000);
    const before = this.pool.stats();
    expect(this.pending.size).toBe(0);
    expect(before.waiting).toBe(0);
    await this.close();
  }

  async close(): Promise<void> {
    const timeoutMs = this.pick([0, 50, 5000]);
    const waiting = [...this.pending];
    const closed = this.pool.close({ timeoutMs }).then(
      () => "closed",
      (error: TelepoolError) => error.code,
    );
    await drainMicrotasks();
    expect(waiting.filter((request) => !request.settled)).toEqual([]);
    while (this.leases.length > 0 && this.clock.random() < 0.7) this.end((lease) => lease.release());
    await this.clock.advance(6000);
    expect(["closed", "CLOSE_TIMEOUT"]).toContain(await closed);
    while (this.leases.length > 0) this.end((lease) => lease.release());
    const end = this.pool.stats();
    expect(end).toMatchObject({ poolSize: 0, inUse: 0, idle: 0, creating: 0, waiting: 0 });
    expect(end.created).toBe(end.destroyed + end.detached);
    expect(this.factory.live.size).toBe(0);
    expect(this.factory.mistakes).toEqual([]);
    expect(this.clock.pendingTimers).toBe(0);
  }
}

test("over random walks of every kind the invariants hold after each step, and everything ends", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    const walk = new Walk(seed);
    let step = 0;
    try {
      for (; step < STEPS; step++) {
        await walk.step();
        await walk.check();
      }
      if (seed % 2 === 0) await walk.recoverAndClose();
      else await walk.close();
      expect(unhandled).toEqual([]);
    } catch (error) {
      console.error(`POOL_MODEL_SEED=${seed} failed at step ${step} with`, walk.options, walk.pool.stats());
      throw error;
    }
  }
  process.off("unhandledRejection", onUnhandled);
});

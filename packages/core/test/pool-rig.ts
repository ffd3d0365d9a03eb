/**
 * The stage of the pool's tests: a fake clock and a fake factory, new for every test, and the pools that it opens.
 *
 * After every test it closes them and looks for what must not remain: a live connection, a timer, a difference between
 * created and destroyed.
 */
import { afterEach, beforeEach, expect } from "bun:test";
import { TelepoolError } from "../src/errors.ts";
import type { Lease } from "../src/pool/lease.ts";
import { Pool } from "../src/pool/pool.ts";
import type { PoolOptions } from "../src/pool/pool-options.ts";
import { FakeClock } from "../src/testing/fake-clock.ts";
import { type FakeConnection, FakeFactory } from "./fake-factory.ts";

export let clock: FakeClock;
export let factory: FakeFactory;
let pools: Pool<FakeConnection>[];

/** To be called once in a test file. */
export function installRig(): void {
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
}

/** Puts a new factory in place for the pools that are opened from now on. */
export function renewFactory(): void {
  factory = new FakeFactory(clock);
}

export function open(options: PoolOptions = {}): Pool<FakeConnection> {
  const pool = new Pool<FakeConnection>(factory, options, { clock });
  pools.push(pool);
  return pool;
}

export async function take(pool: Pool<FakeConnection>, count: number): Promise<Lease<FakeConnection>[]> {
  return await Promise.all(Array.from({ length: count }, () => pool.acquire()));
}

/** What became of a promise so far. */
export function watch<T>(promise: Promise<T>): { value?: T; error?: TelepoolError } {
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

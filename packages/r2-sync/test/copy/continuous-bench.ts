/** A store that is copied as it goes, on a clock that is moved by hand. */
import { loadDriver, TelemetryPool } from "@telepool/core";
import { R2Sync } from "../../src/r2-sync.ts";
import type { R2SyncOptions } from "../../src/sync-options.ts";
import { type Bench, openBench } from "../bucket/r2-fixture.ts";
import { syncOptions } from "./copy-bench.ts";
import { HandClock } from "./hand-clock.ts";

/** Between two copyings: a number that no other timer has. */
export const INTERVAL_MS = 7654;

export interface ContinuousBench extends Omit<Bench, "clock"> {
  readonly store: TelemetryPool;
  readonly sync: R2Sync;
  readonly clock: HandClock;
  /** Moves the time on by an interval, and resolves when what has changed is copied. */
  interval(): Promise<void>;
}

export interface ContinuousOptions extends Partial<R2SyncOptions> {
  readonly path?: string;
  /** The bucket of another bench, instead of one of its own. */
  readonly at?: Bench;
  /** How long the first pause is: longer or shorter than an interval when the storage is away. */
  readonly firstPauseMs?: number;
}

/** Resolves when the sync rests for the first time, having begun its copy. */
export async function openContinuousBench(options: ContinuousOptions = {}): Promise<ContinuousBench> {
  const { path = ":memory:", at, firstPauseMs = INTERVAL_MS, ...own } = options;
  const bench = at ?? (await openBench());
  const clock = new HandClock();
  const sync = new R2Sync({ ...syncOptions(bench), intervalMs: INTERVAL_MS, proofEveryMs: 0, ...own });
  const store = new TelemetryPool({ driver: await loadDriver("sqlite", { path }), clock, sync });
  await store.open();
  await clock.advance(0);
  await clock.waited(firstPauseMs, 1);
  return {
    ...bench,
    store,
    sync,
    clock,
    interval: async () => {
      const rests = clock.timers.filter((ms) => ms === INTERVAL_MS).length;
      await clock.advance(INTERVAL_MS);
      await clock.waited(INTERVAL_MS, rests + 1);
    },
    [Symbol.asyncDispose]: async () => {
      await store.close();
      if (at === undefined) await bench[Symbol.asyncDispose]();
    },
  };
}

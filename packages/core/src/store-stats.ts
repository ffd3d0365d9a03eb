/** What `stats()` and `health()` of a store show: the pools summed up, each pool, the queues and the operations. */
import type { Connections } from "./driver/connections.ts";
import type { Driver } from "./driver/driver.ts";
import type { DurationHistogram, DurationSummary } from "./duration-histogram.ts";
import type { ErrorCode } from "./errors.ts";
import type { PoolStats } from "./pool/pool-stats.ts";
import type { LookupQueueStats } from "./queue/lookup-queue.ts";
import type { WriteQueueStats } from "./queue/write-queue.ts";

/** The state of the three queues. */
export interface QueueStats {
  readonly profiles: WriteQueueStats;
  readonly events: WriteQueueStats;
  readonly lookups: LookupQueueStats;
}

/** Counters since the store was made; durations are in milliseconds. */
export interface StoreStats extends Omit<PoolStats, "waitMs" | "useMs" | "createMs"> {
  readonly stats: {
    /** Times that an idle connection served at once. */
    readonly hits: number;
    readonly misses: number;
    /** Inserts, lookups, queries and all other calls that succeeded. */
    readonly totalOperations: number;
    /** The mean time of an operation, from the call to its answer. */
    readonly avgLatency: number;
  };
  readonly operationMs: DurationSummary;
  readonly queues: QueueStats;
  /** Each pool by its role (`write`, `read`, `scan`; a shared one is `write`); empty before the store is opened. Threads for scans stand here, outside of `maxPoolSize`. */
  readonly pools: Readonly<Record<string, PoolStats>>;
}

/** Whether a store can be used. */
export type Health =
  | { readonly ok: true; readonly driver: string; readonly location: string; readonly latencyMs: number }
  | {
      readonly ok: false;
      readonly latencyMs: number;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly field?: string };
    };

/** What statistics are made of. */
export interface StatsSources {
  readonly opened: { readonly driver: Driver; readonly connections: Connections } | undefined;
  readonly maxPoolSize: number;
  readonly operations: DurationHistogram;
  readonly queues: QueueStats;
}

/** Sums up. */
export function storeStats({ opened, maxPoolSize, operations, queues }: StatsSources): StoreStats {
  const pools: Record<string, PoolStats> = {};
  for (const [role, pool] of opened?.connections.distinct ?? []) pools[role] = pool.stats();
  const all = Object.values(pools);
  const sum = (of: (stats: PoolStats) => number): number => all.reduce((total, stats) => total + of(stats), 0);
  const scan = opened?.connections.scanners?.stats();
  const hits = sum((pool) => pool.stats.hits);
  const misses = sum((pool) => pool.stats.misses);
  const operationMs = operations.summary();
  return {
    poolSize: sum((pool) => pool.poolSize) - (scan?.poolSize ?? 0),
    maxPoolSize: opened === undefined ? maxPoolSize : sum((pool) => pool.maxPoolSize) - (scan?.maxPoolSize ?? 0),
    stats: { hits, misses, totalOperations: operationMs.count, avgLatency: operationMs.mean },
    hitRate: hits + misses === 0 ? "0%" : `${((100 * hits) / (hits + misses)).toFixed(1)}%`,
    inUse: sum((pool) => pool.inUse),
    idle: sum((pool) => pool.idle),
    creating: sum((pool) => pool.creating),
    waiting: sum((pool) => pool.waiting),
    timeouts: sum((pool) => pool.timeouts),
    created: sum((pool) => pool.created),
    destroyed: sum((pool) => pool.destroyed),
    detached: sum((pool) => pool.detached),
    createFailures: sum((pool) => pool.createFailures),
    operationMs,
    queues,
    pools,
  };
}

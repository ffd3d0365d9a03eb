/** What `stats()` and `health()` of a store show: the pools summed up, each pool, the queues and the operations. */
import type { Connections } from "./driver/connections.ts";
import type { Driver } from "./driver/driver.ts";
import type { DurationHistogram, DurationSummary } from "./duration-histogram.ts";
import type { ErrorCode } from "./errors.ts";
import type { IngestStats } from "./metrics/ingest-counts.ts";
import type { PoolStats } from "./pool/pool-stats.ts";
import type { LookupQueueStats } from "./queue/lookup-queue.ts";
import type { WriteQueueStats } from "./queue/write-queue.ts";
import type { SyncStatus } from "./sync/store-sync.ts";

/** The state of the three queues. */
export interface QueueStats {
  readonly profiles: WriteQueueStats;
  readonly events: WriteQueueStats;
  readonly lookups: LookupQueueStats;
}

/** Counters since the store was made; durations are in milliseconds. */
export interface StoreStats extends PoolCounters {
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
  readonly ingest: IngestStats;
  /** Each pool by its role (`write`, `read`, `scan`; a shared one is `write`); empty before the store is opened. Threads for scans stand here, outside of `maxPoolSize`. */
  readonly pools: Readonly<Record<string, PoolStats>>;
  /** The copy in object storage, if the store has one. */
  readonly sync?: SyncStatus;
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
  readonly ingest: IngestStats;
  readonly sync: SyncStatus | undefined;
}

/** Sums up. */
export function storeStats({ opened, maxPoolSize, operations, queues, ingest, sync }: StatsSources): StoreStats {
  const pools: Record<string, PoolStats> = {};
  for (const [role, pool] of opened?.connections.distinct ?? []) pools[role] = pool.stats();
  const total = sumOfCounters(Object.values(pools));
  const scan = opened?.connections.scanners?.stats();
  const operationMs = operations.summary();
  return {
    ...total,
    poolSize: total.poolSize - (scan?.poolSize ?? 0),
    maxPoolSize: opened === undefined ? maxPoolSize : total.maxPoolSize - (scan?.maxPoolSize ?? 0),
    stats: { ...total.stats, totalOperations: operationMs.count, avgLatency: operationMs.mean },
    operationMs,
    queues,
    ingest,
    pools,
    ...(sync === undefined ? {} : { sync }),
  };
}

/** What can be added up over pools, and over stores. */
export type PoolCounters = Omit<PoolStats, "waitMs" | "useMs" | "createMs">;

/** The sums of counters; the mean latency counts by the operations that it is of. */
export function sumOfCounters(parts: readonly PoolCounters[]): PoolCounters {
  const sum = (of: (part: PoolCounters) => number): number => parts.reduce((total, part) => total + of(part), 0);
  const hits = sum(({ stats }) => stats.hits);
  const misses = sum(({ stats }) => stats.misses);
  const totalOperations = sum(({ stats }) => stats.totalOperations);
  const latency = sum(({ stats }) => stats.avgLatency * stats.totalOperations);
  return {
    poolSize: sum((part) => part.poolSize),
    maxPoolSize: sum((part) => part.maxPoolSize),
    stats: { hits, misses, totalOperations, avgLatency: totalOperations === 0 ? 0 : latency / totalOperations },
    hitRate: hits + misses === 0 ? "0%" : `${((100 * hits) / (hits + misses)).toFixed(1)}%`,
    inUse: sum((part) => part.inUse),
    idle: sum((part) => part.idle),
    creating: sum((part) => part.creating),
    waiting: sum((part) => part.waiting),
    timeouts: sum((part) => part.timeouts),
    created: sum((part) => part.created),
    destroyed: sum((part) => part.destroyed),
    detached: sum((part) => part.detached),
    createFailures: sum((part) => part.createFailures),
  };
}

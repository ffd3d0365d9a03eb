/** What `stats()` of a manager shows: each store, and the sums over all. */
import type { LookupQueueStats } from "../queue/lookup-queue.ts";
import type { WriteQueueStats } from "../queue/write-queue.ts";
import { type PoolCounters, type QueueStats, type StoreStats, sumOfCounters } from "../store-stats.ts";

/** The counters of several stores, added up; the mean latency counts by the operations of each. */
export interface StoreTotals extends PoolCounters {
  readonly queues: QueueStats;
}

/** The counters of each store by its name, and their sums. */
export interface ManagerStats {
  readonly pools: Readonly<Record<string, StoreStats>>;
  readonly total: StoreTotals;
}

/** Sums up. */
export function managerStats(named: readonly (readonly [name: string, stats: StoreStats])[]): ManagerStats {
  const stores = named.map(([, stats]) => stats);
  const total: StoreTotals = {
    ...sumOfCounters(stores),
    queues: {
      profiles: sumOfWriteQueues(stores.map(({ queues }) => queues.profiles)),
      events: sumOfWriteQueues(stores.map(({ queues }) => queues.events)),
      lookups: sumOfLookupQueues(stores.map(({ queues }) => queues.lookups)),
    },
  };
  return { pools: Object.fromEntries(named), total }; // as properties of its own, whatever the names are
}

function sumOfWriteQueues(queues: readonly WriteQueueStats[]): WriteQueueStats {
  const sum = (of: (queue: WriteQueueStats) => number): number => queues.reduce((total, queue) => total + of(queue), 0);
  const batches = sum((queue) => queue.batches);
  const rows = sum((queue) => queue.rows);
  return {
    queuedRows: sum((queue) => queue.queuedRows),
    queuedBytes: sum((queue) => queue.queuedBytes),
    waiting: sum((queue) => queue.waiting),
    batches,
    rows,
    duplicates: sum((queue) => queue.duplicates),
    rejected: sum((queue) => queue.rejected),
    meanBatchRows: batches === 0 ? 0 : rows / batches,
  };
}

function sumOfLookupQueues(queues: readonly LookupQueueStats[]): LookupQueueStats {
  const sum = (of: (queue: LookupQueueStats) => number): number =>
    queues.reduce((total, queue) => total + of(queue), 0);
  return {
    waiting: sum((queue) => queue.waiting),
    batches: sum((queue) => queue.batches),
    keys: sum((queue) => queue.keys),
  };
}

/** The shape of `/pool-stats`: what core's `StoreStats` is. */
import * as v from "valibot";
import { syncStatus } from "./sync-shape.ts";
import { amount, named, text, whole } from "./values.ts";

const durations = named(
  "Durations",
  v.object({ count: whole, min: amount, max: amount, mean: amount, p50: amount, p95: amount, p99: amount }),
  { description: "A summary of durations in milliseconds", additionalProperties: true },
);

const counters = {
  poolSize: v.pipe(whole, v.description("Connections in the pool: idle and in use")),
  maxPoolSize: whole,
  stats: v.object({
    hits: v.pipe(whole, v.description("Times that an idle connection served at once")),
    misses: whole,
    totalOperations: whole,
    avgLatency: v.pipe(amount, v.description("In milliseconds")),
  }),
  hitRate: v.pipe(text, v.description("Such as 93.1%")),
  inUse: whole,
  idle: whole,
  creating: whole,
  waiting: whole,
  timeouts: whole,
  created: whole,
  destroyed: whole,
  detached: whole,
  createFailures: whole,
};

const poolStats = named(
  "PoolStats",
  v.object({ ...counters, waitMs: durations, useMs: durations, createMs: durations }),
  { additionalProperties: true },
);

const writeQueue = named(
  "WriteQueueStats",
  v.object({
    queuedRows: whole,
    queuedBytes: whole,
    waiting: whole,
    batches: whole,
    rows: whole,
    duplicates: whole,
    rejected: whole,
    meanBatchRows: amount,
  }),
  { additionalProperties: true },
);

const outcomes = v.object({ stored: whole, duplicate: whole, rejected: whole });

/** What `/pool-stats` answers. */
export const storeStats: v.GenericSchema = named(
  "StoreStats",
  v.object({
    ...counters,
    operationMs: durations,
    queues: v.object({
      profiles: writeQueue,
      events: writeQueue,
      lookups: v.object({ waiting: whole, batches: whole, keys: whole }),
    }),
    ingest: v.pipe(
      v.object({ profiles: outcomes, events: outcomes }),
      v.description("Rows by what became of them, whichever way they came"),
    ),
    pools: v.pipe(
      v.record(v.string(), poolStats),
      v.metadata({ propertyNames: undefined }),
      v.description("Each pool by its role: write, read, scan; none before the store is opened"),
    ),
    sync: v.exactOptional(v.pipe(syncStatus, v.description("The copy in object storage, if the store has one"))),
  }),
  { description: "Counters since the server began; durations are in milliseconds", additionalProperties: true },
);

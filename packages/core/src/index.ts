/** The telemetry store inside a TypeScript program: pool, queues, repository and the port for drivers. */
export type { MaybePromise } from "./async.ts";
export type { AddResult, CloseOptions, InsertManyOptions, InsertManyResult, InsertOptions } from "./call-options.ts";
export type { CallTiming } from "./call-timing.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { createPool, DatabasePoolFactory, kindOfUrl } from "./create-pool.ts";
export type {
  ConnectionRole,
  Driver,
  DriverCapabilities,
  DriverConnection,
  ErrorClass,
  EventRow,
  ProfileRow,
  SqlStatement,
  StatementResult,
  WriteReport,
} from "./driver/driver.ts";
export type { ChangeCapture, ColumnTypes, JsonPath, SqlDialect, StorageReclaim } from "./driver/sql-dialect.ts";
export type {
  DatabaseKind,
  DriverConfigs,
  MysqlDriverOptions,
  MysqlPoolSize,
  PostgresDriverOptions,
  PostgresPoolSize,
  ServerDriverOptions,
  SqliteDriverOptions,
  StoreConfigs,
  TlsOptions,
} from "./driver-configs.ts";
export { DurationHistogram, type DurationSummary } from "./duration-histogram.ts";
export { abortedError, type ErrorCode, type ErrorDetails, isTelepoolError, TelepoolError } from "./errors.ts";
export { loadDriver } from "./factory.ts";
export { newId } from "./ids.ts";
export type {
  CopiedKind,
  CopiedTable,
  CopyDifference,
  CopyOptions,
  CopyPhase,
  CopyProgress,
  CopyResult,
} from "./manager/copy-report.ts";
export { copyStore } from "./manager/copy-store.ts";
export type { ManagerStats, StoreTotals } from "./manager/manager-stats.ts";
export { PoolManager, type PoolManagerOptions } from "./manager/pool-manager.ts";
export type { TableSum } from "./manager/tally.ts";
export { SECONDS_BOUNDS } from "./metrics/bounds.ts";
export { emitMetrics } from "./metrics/emit-metrics.ts";
export type { IngestOutcome, IngestStats } from "./metrics/ingest-counts.ts";
export type { Meter, MeterProvider } from "./metrics/meter-provider.ts";
export type {
  HistogramFamily,
  HistogramPoint,
  MetricAttributes,
  MetricDefinition,
  MetricFamily,
  NumberFamily,
  NumberPoint,
} from "./metrics/metric-family.ts";
export type { HistogramDefinition, HistogramSeries, MetricHistogram } from "./metrics/metric-histogram.ts";
export { MetricSet, type Observe } from "./metrics/metric-set.ts";
export { registeredMeterProvider } from "./metrics/registered-provider.ts";
export {
  importEventLines,
  importProfileLines,
  type NdjsonOptions,
  type RejectedLine,
} from "./ndjson/import-ndjson.ts";
export { type Defaulted, parseOptions, wholeNumber } from "./options.ts";
export { Lease } from "./pool/lease.ts";
export { Pool } from "./pool/pool.ts";
export type { AcquireOptions, PoolOptions } from "./pool/pool-options.ts";
export type { PoolStats } from "./pool/pool-stats.ts";
export type { ResourceFactory } from "./pool/resource-factory.ts";
export type { LookupQueueStats } from "./queue/lookup-queue.ts";
export type { LookupQueueOptions, WriteQueueOptions } from "./queue/queue-options.ts";
export type { WriteOptions, WriteOutcome, WriteQueueStats } from "./queue/write-queue.ts";
export { type SplitConfig, splitConfig } from "./split-config.ts";
export type { AggregateGroup, AggregateRequest, GroupBy } from "./store/aggregate.ts";
export type { EventFilter, ProfileFilter, TimeRange } from "./store/filters.ts";
export type { Importable, ImportOptions, ImportResult } from "./store/import-rows.ts";
export { type JsonObject, type JsonValue, MAX_JSON_DEPTH, MAX_JSON_LENGTH } from "./store/json.ts";
export { cursorAfter, MAX_PAGE_LIMIT, type Page, type PageKey, type PageRequest } from "./store/page.ts";
export type { PruneRequest, PruneResult } from "./store/prune-request.ts";
export {
  type EventInput,
  MAX_NAME_LENGTH,
  type Profile,
  type ProfileInput,
  type TelemetryEvent,
} from "./store/rows.ts";
export type { StoredEvent, StoredListener, StoredProfile, StoredRows } from "./store/stored-rows.ts";
export type { AnalyticsTable, ProfilesTable, SessionsTable, TelemetryTables } from "./store/tables.ts";
export type { ReadOptions, Session } from "./store/telemetry-repository.ts";
export type { StoreOptions, StorePoolOptions } from "./store-options.ts";
export type { Health, PoolCounters, QueueStats, StoreStats } from "./store-stats.ts";
export type {
  CheckpointStatus,
  ProofStatus,
  StoreSync,
  SyncedRows,
  SyncOptions,
  SyncProgress,
  SyncResult,
  SyncState,
  SyncStatus,
} from "./sync/store-sync.ts";
export { TelemetryPool, type TelemetryPoolOptions } from "./telemetry-pool.ts";

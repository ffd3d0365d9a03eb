/** The port that a copy of a store fills: what a `TelemetryPool` is given as `sync`. `@telepool/r2-sync` has one. */
import type { ErrorCode } from "../errors.ts";
import type { MetricSet } from "../metrics/metric-set.ts";
import type { SyncSource } from "./sync-source.ts";

/**
 * What a sync is doing: `starting` until all rows are there for the first time, `held` while another process copies the same
 * store, `failing` while it tries again.
 */
export type SyncState = "off" | "starting" | "idle" | "syncing" | "held" | "failing" | "stopped";

/** How many rows of each kind, and how many deletions. */
export interface SyncedRows {
  readonly profiles: number;
  readonly events: number;
  readonly sessions: number;
  readonly deleted: number;
}

/** How far a sync that is under way is. */
export interface SyncProgress {
  /** `checkpoint` while all rows are copied, which a copy begins with; `log` while changes are. */
  readonly phase: "checkpoint" | "log";
  /** Rows that were copied, and those that are to be, as counted at the start. */
  readonly rows: number;
  readonly totalRows: number;
}

/** How a call of a sync goes. */
export interface SyncOptions {
  /** Ends it early; what was put stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every object. */
  readonly onProgress?: (progress: SyncProgress) => void;
}

/** What a sync has copied. */
export interface SyncResult {
  /** The identity of the copy. */
  readonly source: string;
  /** The number of the log's last object: everything up to it is in the bucket. */
  readonly sequence: number;
  /** Objects that this call put. */
  readonly objects: number;
  /** What this call put: rows of the log's objects, and all rows when it was the first. */
  readonly rows: SyncedRows;
  /** Bytes that this call put. */
  readonly bytes: number;
  readonly durationMs: number;
}

/** How a copy stands. Asks nobody. Times are milliseconds since 1970. */
export interface SyncStatus {
  readonly state: SyncState;
  /** Where the copy is, without secrets. */
  readonly location: string;
  /** The identity of the copy, when it has one. */
  readonly source: string | null;
  readonly sequence: number;
  /** Changes that are not copied, as far as this process knows. */
  readonly pendingRows: number;
  /** How long the oldest of them has been waiting, as far as this process knows. */
  readonly lagSeconds: number;
  /** What this process has put since it started. */
  readonly objects: number;
  readonly bytes: number;
  readonly requests: { readonly classA: number; readonly classB: number; readonly retries: number };
  /** When everything was last copied. */
  readonly lastSyncAt: number | null;
  readonly lastError: { readonly code: ErrorCode; readonly message: string; readonly at: number } | null;
  readonly progress: SyncProgress | null;
  readonly checkpoint: CheckpointStatus | null;
  readonly proof: ProofStatus | null;
}

/** The last checkpoint: all rows as they were between two objects of the log. */
export interface CheckpointStatus {
  /** The key of its manifest. */
  readonly key: string;
  /** The first object of the log from which on a restore is complete. */
  readonly sequence: number;
  readonly at: number;
  readonly rows: number;
  readonly bytes: number;
}

/** The last time that the copy was restored to see whether it can be. */
export interface ProofStatus {
  readonly ok: boolean;
  readonly at: number;
  /** Up to which object of the log. */
  readonly sequence: number;
  readonly rows: number;
  readonly durationMs: number;
  readonly message: string;
}

/** What copies a store, and goes on doing so. */
export interface StoreSync {
  /** Called once, when the store is open. It waits for nothing, and never throws: a store works without its copy. */
  start(source: SyncSource): void;
  /** Copies everything that is committed now. Calls that come while one is under way get their own turn after it. */
  now(options?: SyncOptions): Promise<SyncResult>;
  status(): SyncStatus;
  /** Adds what it measures to a store's metrics. */
  observe(set: MetricSet): void;
  /** Copies what is left, until the deadline, and ends; what is left then is copied by the next process. Never throws. */
  stop(timeoutMs: number): Promise<void>;
}

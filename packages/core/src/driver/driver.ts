/**
 * The port that a database driver fills: connect, speak the database's SQL, write rows in bulk, classify errors.
 *
 * A driver is a small value without policy: it does not pool, retry, batch or count. It makes no I/O before `connect`.
 * docs/writing-a-driver.md walks through one; `@telepool/core/testing` certifies it.
 */
import type { MaybePromise } from "../async.ts";
import type { ErrorCode } from "../errors.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/**
 * What a connection will be used for: `write` for transactions that change something, `read` for point reads and small
 * pages, `scan` for statements that may run long and must not hold the event loop.
 */
export type ConnectionRole = "write" | "read" | "scan";

/** A profile as it is stored; `profile` is its JSON text, `timestamp` milliseconds since 1970. */
export interface ProfileRow {
  readonly id: string;
  readonly session: string;
  readonly profile: string;
  readonly timestamp: number;
  readonly member: string;
  readonly document: string;
}

/** An event as it is stored; `data` is its JSON text, `timestamp` milliseconds since 1970. */
export interface EventRow {
  readonly id: string;
  readonly event_type: string;
  readonly data: string;
  readonly timestamp: number;
  readonly session: string | null;
}

/** What a bulk write found: the positions of the rows whose id was stored before (or earlier in the same batch). */
export interface WriteReport {
  readonly duplicates: readonly number[];
}

/** One SQL statement with its parameters, as the dialect's query compiler made it. */
export interface SqlStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What a statement gave back; `affectedRows` is set for statements that change rows. */
export interface StatementResult {
  readonly rows: Record<string, unknown>[];
  readonly affectedRows?: bigint;
}

/** One connection. It serves one caller at a time; a synchronous database may answer without a promise. */
export interface DriverConnection {
  /** Runs one statement. JSON columns come back as text, integers as numbers, NULL as null. */
  execute(statement: SqlStatement): MaybePromise<StatementResult>;
  /** Opens a transaction that may write at once (SQLite: `BEGIN IMMEDIATE`). */
  begin(): MaybePromise<void>;
  /** Commits; throws a `TelepoolError` `COMMIT_OUTCOME_UNKNOWN` when the connection is lost before the answer is there. */
  commit(): MaybePromise<void>;
  rollback(): MaybePromise<void>;
  /**
   * Stores profiles and brings their sessions up to date. Atomic on its own, and then it commits, with the same error as
   * `commit`; between `begin` and `commit` it joins that transaction. A row whose id exists stays as it is and is reported.
   */
  writeProfiles(rows: readonly ProfileRow[]): MaybePromise<WriteReport>;
  /** Stores events, by the same rules as `writeProfiles`. */
  writeEvents(rows: readonly EventRow[]): MaybePromise<WriteReport>;
  /** The stored profiles with these ids, in their order; `undefined` where there is none. */
  readProfiles(ids: readonly string[]): MaybePromise<(ProfileRow | undefined)[]>;
  /** Settles when the database answers; rejects otherwise. */
  ping(): MaybePromise<void>;
  /** Makes the connection fit for its next user: rolls back what is open. Throws if it cannot. */
  reset(): MaybePromise<void>;
  /** Whether the connection is known to be lost; looks at a flag, asks nobody. */
  isBroken(): boolean;
  close(): MaybePromise<void>;
}

/** What a driver can do beyond the common ground. */
export interface DriverCapabilities {
  /**
   * `shared`: every connection serves every role. `one-writer`: the database takes one writer at a time, so one
   * connection writes, the others read, and scans get connections of their own that leave the event loop free.
   * `replicated`: connections that read and scan go to other servers than those that write, and may be behind them.
   */
  readonly connections: "shared" | "one-writer" | "replicated";
  /**
   * The most connections that the database can be given. 1 means that the data may live in the connection, as in an
   * in-memory SQLite: it is then kept until the store closes.
   */
  readonly maxConnections: number;
  /** How many batches may be written at the same time. */
  readonly maxConcurrentBatches: number;
  /**
   * Whether the database is in this process and `readProfiles` answers without a promise, in microseconds: then point
   * reads are not collected, as there are no round trips to save.
   */
  readonly inProcess: boolean;
  /** Whether opening a connection is so cheap that all of them are opened at the start. */
  readonly prewarm: boolean;
}

/** What a driver says of an error that its library threw. */
export interface ErrorClass {
  readonly code: ErrorCode;
  /** What happened and what to do, in one line, without secrets and row contents. */
  readonly message: string;
  /**
   * Whether the same work may succeed when it is simply done again. A lost connection is not: what may be repeated after
   * one is for the store to know.
   */
  readonly retryable: boolean;
}

/** A database that telepool can use. */
export interface Driver {
  /** The kind of database: `sqlite`, `postgresql`, `mysql`, or a third party's name. */
  readonly name: string;
  /** Where the data is, fit to be shown: without user names and secrets. */
  readonly location: string;
  readonly dialect: SqlDialect;
  readonly capabilities: DriverCapabilities;
  /** Opens a connection; `signal` fires when it is no longer wanted. */
  connect(role: ConnectionRole, signal: AbortSignal): MaybePromise<DriverConnection>;
  /** Says what an error means; never throws. */
  classify(error: unknown): ErrorClass;
}

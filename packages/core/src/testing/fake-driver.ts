/**
 * A driver in memory, with faults to order: for tests of what stands before a database, not of a database.
 *
 * It keeps the hot paths' promises (batches, duplicates, transactions, point reads) and takes part in migrations. Every
 * other SQL statement is refused with `NOT_SUPPORTED`. Time passes only on the clock that it is given.
 */
import { SqliteAdapter, SqliteQueryCompiler, sql } from "kysely";
import type { Clock } from "../clock.ts";
import { systemClock } from "../clock.ts";
import type { ConnectionRole, Driver, DriverCapabilities, ErrorClass, EventRow, ProfileRow } from "../driver/driver.ts";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { FakeConnection } from "./fake-connection.ts";

/** What a fake driver can be told to fail at, wait for, or count. */
export type FakeOperation =
  | "connect"
  | "begin"
  | "commit"
  | "rollback"
  | "writeProfiles"
  | "writeEvents"
  | "readProfiles"
  | "execute"
  | "ping"
  | "reset"
  | "close";

/** One call of a fake driver. */
export interface FakeCall {
  /** Counts connections from 1 on. */
  readonly connection: number;
  readonly operation: FakeOperation;
  /** How many rows or ids the call was about. */
  readonly rows: number;
}

/** How a fake driver starts. */
export interface FakeDriverOptions {
  /** Where delays come from; the system's clock by default. */
  readonly clock?: Clock;
  readonly capabilities?: Partial<DriverCapabilities>;
  /** How long each operation takes on the clock, in milliseconds; those not named take no time. */
  readonly delaysMs?: Partial<Readonly<Record<FakeOperation, number>>>;
}

/** An operation that waits until the test lets it go. */
export interface FakeGate {
  /** Settles when the operation has begun. */
  readonly reached: Promise<void>;
  /** Lets the operation do its work. */
  open(): void;
  /** Lets the operation fail. */
  fail(error: Error): void;
}

/** What a fake driver throws when it was told to: it carries its own class. */
export class FakeDriverError extends Error {
  readonly known: ErrorClass;

  constructor(known: ErrorClass) {
    super(known.message);
    this.name = "FakeDriverError";
    this.known = known;
  }
}

/** A fault waits for its operation to come: it may wait, and it may throw. */
type Fault = () => Promise<void>;

const DEFAULT_CAPABILITIES: DriverCapabilities = {
  connections: "shared",
  maxConnections: 100,
  maxConcurrentBatches: 1,
  inProcess: false,
  prewarm: false,
};

const UNKNOWN: ErrorClass = { code: "STATEMENT_FAILED", message: "the fake driver failed", retryable: false };

/** Enough for Kysely to migrate; what else it compiles is refused when it runs. */
const dialect: SqlDialect = {
  createAdapter: () => new SqliteAdapter(),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createIntrospector: () => ({
    getSchemas: async () => [],
    getTables: async () => [],
    getMetadata: async () => ({ tables: [] }),
  }),
  types: { name: sql`text`, json: sql`text`, bigint: sql`integer` },
  jsonNumber: () => sql<null>`null`,
  jsonBytes: () => sql<number>`0`,
  usedBytes: sql<{ bytes: number }>`select 0 as bytes`,
  rowLocks: false,
};

/** Makes a fake driver. */
export function fakeDriver(options: FakeDriverOptions = {}): FakeDriver {
  return new FakeDriver(options);
}

/** A driver over two maps. */
export class FakeDriver implements Driver {
  readonly name = "fake";
  readonly location = "memory";
  readonly dialect: SqlDialect = dialect;
  readonly capabilities: DriverCapabilities;
  /** Every call so far, in the order in which they began. */
  readonly calls: FakeCall[] = [];
  /** What is committed. */
  readonly profiles: Map<string, ProfileRow> = new Map();
  readonly events: Map<string, EventRow> = new Map();
  /** The steps of the schema that have run, as the migrator records them. */
  readonly migrations: { name: string; timestamp: string }[] = [];
  readonly #clock: Clock;
  readonly #delaysMs: Partial<Readonly<Record<FakeOperation, number>>>;
  readonly #faults = new Map<FakeOperation, Fault[]>();
  readonly #connections: FakeConnection[] = [];

  constructor(options: FakeDriverOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#delaysMs = options.delaysMs ?? {};
    this.capabilities = { ...DEFAULT_CAPABILITIES, ...options.capabilities };
  }

  /** Connections that were opened and are not closed. */
  get openConnections(): number {
    return this.#connections.filter((connection) => !connection.isClosed).length;
  }

  async connect(_role: ConnectionRole, _signal: AbortSignal): Promise<FakeConnection> {
    const connection = new FakeConnection(this, this.#connections.length + 1);
    await this.perform(connection.number, "connect", 0);
    this.#connections.push(connection);
    return connection;
  }

  classify(error: unknown): ErrorClass {
    return error instanceof FakeDriverError ? error.known : UNKNOWN;
  }

  /** Has the next `times` calls of an operation fail. */
  failNext(operation: FakeOperation, known: Partial<ErrorClass> = {}, times = 1): void {
    for (let n = 0; n < times; n++) {
      this.#addFault(operation, () => Promise.reject(new FakeDriverError({ ...UNKNOWN, ...known })));
    }
  }

  /** Has the next call of an operation never settle. */
  hangNext(operation: FakeOperation): void {
    this.#addFault(operation, () => new Promise(() => {}));
  }

  /** Has the next call of an operation wait for the test. */
  holdNext(operation: FakeOperation): FakeGate {
    let reach: () => void = () => {};
    let open: () => void = () => {};
    let fail: (error: Error) => void = () => {};
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const held = new Promise<void>((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    this.#addFault(operation, () => {
      reach();
      return held;
    });
    return { reached, open, fail };
  }

  /** Has every open connection be lost, as when the server ends. */
  breakConnections(): void {
    for (const connection of this.#connections) connection.breakDown();
  }

  /** How often an operation was called. */
  count(operation: FakeOperation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  /** For the connections: logs a call, lets its time pass, and has it fail if it must. */
  async perform(connection: number, operation: FakeOperation, rows: number): Promise<void> {
    this.calls.push({ connection, operation, rows });
    const delayMs = this.#delaysMs[operation];
    if (delayMs !== undefined) await new Promise<void>((resolve) => this.#clock.setTimer(resolve, delayMs));
    await this.#faults.get(operation)?.shift()?.();
  }

  #addFault(operation: FakeOperation, fault: Fault): void {
    const faults = this.#faults.get(operation);
    if (faults === undefined) this.#faults.set(operation, [fault]);
    else faults.push(fault);
  }
}

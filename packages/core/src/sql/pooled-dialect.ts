/**
 * Kysely on our connections: a dialect whose driver takes its connections from the store's pools.
 *
 * A connection is leased when its first statement comes, because only then is it known what for: a `select` reads, all
 * else writes. A transaction owns its lease from `begin` to its end, so no other work can slip into it.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  type Driver as KyselyDriver,
  type OperationNode,
  type QueryResult,
  SelectQueryNode,
  type TransactionSettings,
} from "kysely";
import type { Watch } from "../call-timing.ts";
import type { Connections } from "../driver/connections.ts";
import type { ConnectionRole, DriverConnection, StatementResult } from "../driver/driver.ts";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import type { Lease } from "../pool/lease.ts";

/**
 * A Kysely instance whose `select`s take connections of `readRole`; it is never destroyed, its pools are closed. Making one
 * takes about a microsecond, so a call whose time is taken has its own.
 */
export function kyselyOver<DB>(
  dialect: SqlDialect,
  connections: Connections,
  readRole: ConnectionRole,
  watch?: Watch,
): Kysely<DB> {
  const pooled: Dialect = {
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createDriver: () => new PooledKyselyDriver(connections, readRole, watch),
  };
  return new Kysely<DB>({ dialect: pooled });
}

class PooledKyselyDriver implements KyselyDriver {
  readonly #connections: Connections;
  readonly #readRole: ConnectionRole;
  readonly #watch: Watch | undefined;

  constructor(connections: Connections, readRole: ConnectionRole, watch: Watch | undefined) {
    this.#connections = connections;
    this.#readRole = readRole;
    this.#watch = watch;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PooledKyselyConnection> {
    return new PooledKyselyConnection(this.#connections, this.#readRole, this.#watch);
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (settings.isolationLevel !== undefined) {
      throw new TelepoolError(
        "NOT_SUPPORTED",
        "an isolation level cannot be chosen; transactions have the database's default",
        {
          field: "isolationLevel",
        },
      );
    }
    await own(connection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).commit();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await own(connection).rollBack();
  }

  async savepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).statement(`savepoint ${quoted(name)}`);
  }

  async rollbackToSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).statement(`rollback to savepoint ${quoted(name)}`);
  }

  async releaseSavepoint(connection: DatabaseConnection, name: string): Promise<void> {
    await own(connection).statement(`release savepoint ${quoted(name)}`);
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
  }

  /** Nothing: the pools belong to the store, which closes them. */
  async destroy(): Promise<void> {}
}

/** Kysely hands back what `acquireConnection` gave it. */
function own(connection: DatabaseConnection): PooledKyselyConnection {
  return connection as PooledKyselyConnection;
}

/** A savepoint's name as an identifier that every one of the databases takes. */
function quoted(name: string): string {
  if (!/^[A-Za-z_]\w{0,62}$/.test(name)) {
    throw new TelepoolError("INVALID_ARGUMENT", "a savepoint's name must be a plain identifier", {
      field: "savepoint",
    });
  }
  return name;
}

class PooledKyselyConnection implements DatabaseConnection {
  readonly #connections: Connections;
  readonly #readRole: ConnectionRole;
  /** Is told of the time until the lease is there, and of that until its end. */
  readonly #watch: Watch | undefined;
  #lease: Lease<DriverConnection> | undefined;
  #role: ConnectionRole | undefined;
  #inTransaction = false;

  constructor(connections: Connections, readRole: ConnectionRole, watch: Watch | undefined) {
    this.#connections = connections;
    this.#readRole = readRole;
    this.#watch = watch;
  }

  async executeQuery<R>(
    query: CompiledQuery,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<QueryResult<R>> {
    const reads = onlyReads(query.query);
    const execute = async () => {
      const connection = await this.#connectionFor(reads ? this.#readRole : "write", options?.signal);
      return await connection.execute(query);
    };
    const result = this.#inTransaction ? await this.#translated(execute) : await this.#retry(execute, reads);
    return toQueryResult<R>(result);
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield, the signature is Kysely's
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TelepoolError("NOT_SUPPORTED", "stream() is not supported; read pages, or use the store's profiles()");
  }

  async begin(): Promise<void> {
    const begin = async () => (await this.#connectionFor("write")).begin();
    await this.#retry(begin, true);
    this.#inTransaction = true;
  }

  async commit(): Promise<void> {
    const connection = await this.#connectionFor("write");
    this.#inTransaction = false;
    await this.#translated(() => connection.commit());
  }

  /** Never throws: the error that led here is the one to tell, and what cannot be rolled back now is so by the pool, or destroyed. */
  async rollBack(): Promise<void> {
    const connection = await this.#connectionFor("write");
    this.#inTransaction = false;
    try {
      await connection.rollback();
    } catch {
      // the pool resets the connection when it comes back
    }
  }

  async statement(text: string): Promise<void> {
    const connection = await this.#connectionFor("write");
    await this.#translated(() => connection.execute({ sql: text, parameters: [] }));
  }

  release(): void {
    const lease = this.#lease;
    this.#lease = undefined;
    this.#role = undefined;
    lease?.release();
    this.#watch?.turnTo(undefined);
  }

  /** The leased connection; a lease for reading is given up for one that writes when a writing statement comes. */
  async #connectionFor(role: ConnectionRole, signal?: AbortSignal): Promise<DriverConnection> {
    if (this.#lease !== undefined && role === "write" && this.#role !== "write") this.release();
    if (this.#lease === undefined) {
      this.#watch?.turnTo("poolMs");
      this.#lease = await this.#connections.lease(role, { signal });
      this.#role = role;
    }
    this.#watch?.turnTo("databaseMs");
    return this.#lease.resource;
  }

  /** Does work outside a transaction, again where that may help. */
  #retry<T>(work: () => Promise<T>, repeatable: boolean): Promise<T> {
    return this.#connections.retry(work, { repeatable, watch: this.#watch, onLost: () => this.release() });
  }

  async #translated<T>(work: () => T | PromiseLike<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#connections.translate(error);
    }
  }
}

/** Whether a statement is a `select` that changes nothing by its own words; what functions in it do cannot be seen. */
function onlyReads(node: OperationNode): boolean {
  if (!SelectQueryNode.is(node)) return false;
  return node.with === undefined || node.with.expressions.every(({ expression }) => onlyReads(expression));
}

function toQueryResult<R>(result: StatementResult): QueryResult<R> {
  const rows = result.rows as R[]; // the row type is the one that Kysely's query builder inferred
  return result.affectedRows === undefined ? { rows } : { rows, numAffectedRows: result.affectedRows };
}

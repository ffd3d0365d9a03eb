/**
 * The connections of one store: which pool serves which role, and the one place through which work reaches them, is done
 * again (retries.ts), and has what a database library throws turned into a `TelepoolError`.
 *
 * Drivers with `shared` connections have one pool. With `one-writer` there are three: the writer, the readers, and the
 * scanners, which are opened when a long statement comes and end when they are idle. `replicated` ones have two, for the
 * primary and for the replicas.
 */
import { type MaybePromise, untilAborted } from "../async.ts";
import type { Watch } from "../call-timing.ts";
import type { Clock } from "../clock.ts";
import { type ErrorCode, isTelepoolError, type TelepoolError } from "../errors.ts";
import type { Lease } from "../pool/lease.ts";
import { Pool } from "../pool/pool.ts";
import type { PoolOptions } from "../pool/pool-options.ts";
import type { PoolMeter } from "../pool/pool-stats.ts";
import { NOT_NOW } from "../queue/lookup-queue.ts";
import type { ConnectionRole, Driver, DriverConnection } from "./driver.ts";
import { KeepAlive } from "./keep-alive.ts";
import { Retries, type RetryCounts, type RetryDeps, type RetryOptions, translated } from "./retries.ts";
import { rolePoolOptions } from "./role-pool-options.ts";

/** Failures to connect that no further attempt can mend. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set([
  "DATABASE_CORRUPT",
  "DATABASE_NOT_FOUND",
  "INVALID_OPTION",
  "NOT_A_DATABASE",
  "PERMISSION_DENIED",
  "READ_ONLY",
  "TLS_FAILED",
]);

/** How a caller limits its wait. */
export type LeaseOptions = Pick<RetryOptions, "signal">;

/** The pools of one store, by role. */
export interface RolePools {
  readonly write: Pool<DriverConnection>;
  readonly read: Pool<DriverConnection>;
  readonly scan: Pool<DriverConnection>;
}

type MeterOf = (role: ConnectionRole) => PoolMeter | undefined;

/** Lends connections by role. */
export class Connections {
  readonly pools: RolePools;
  /** How often work was done again. */
  readonly retries: Readonly<RetryCounts>;
  readonly #driver: Driver;
  readonly #clock: Clock;
  readonly #meterOf: MeterOf;
  readonly #minimums = new Map<ConnectionRole, number>();
  readonly #retryDeps: RetryDeps;
  readonly #keepAlive = new KeepAlive();

  /**
   * @param retryTimeoutMs how long retryable work is tried again before its error reaches the caller
   * @param meterOf what the pool of a role counts with, if not with a meter of its own
   */
  constructor(
    driver: Driver,
    poolOptions: PoolOptions,
    retryTimeoutMs: number,
    clock: Clock,
    meterOf: MeterOf = () => undefined,
  ) {
    this.#driver = driver;
    this.#clock = clock;
    this.#meterOf = meterOf;
    const counts = { busy: 0, lost: 0 };
    this.retries = counts;
    this.#retryDeps = { driver, clock, timeoutMs: retryTimeoutMs, counts };
    this.pools = this.#createPools(poolOptions);
  }

  /** The pools, each once, by the name of the first role that each serves. */
  get distinct(): ReadonlyMap<string, Pool<DriverConnection>> {
    const { write, read, scan } = this.pools;
    const named = new Map([["write", write]]);
    if (read !== write) named.set("read", read);
    if (scan !== read) named.set("scan", scan);
    return named;
  }

  /** How many connections each of these keeps open. */
  get minimums(): ReadonlyMap<string, number> {
    return this.#minimums;
  }

  /** The pool of threads that scan, where scans have one of their own. */
  get scanners(): Pool<DriverConnection> | undefined {
    return this.pools.scan === this.pools.read ? undefined : this.pools.scan;
  }

  /** Opens as many connections as the options ask for. */
  async prewarm(): Promise<void> {
    await this.#awake(() =>
      this.#translated(async () => {
        for (const pool of this.distinct.values()) await pool.prewarm();
      }),
    );
  }

  /**
   * Runs `work` on a connection of `role`. Work must be one statement or one whole transaction: when it fails with an
   * error that the driver calls retryable, it is done again, until `retryTimeoutMs` is over. Work that is `repeatable` is
   * also done again on another connection when its own is lost.
   *
   * When `signal` fires, the caller is released at once; a statement that the database cannot interrupt runs to its end
   * and keeps its connection so long.
   */
  run<T>(
    role: ConnectionRole,
    work: (connection: DriverConnection) => MaybePromise<T>,
    options: RetryOptions = {},
  ): Promise<T> {
    const { signal } = options;
    const result = this.#attempt(role, work, options);
    return signal === undefined ? result : untilAborted(result, signal, "the operation");
  }

  /**
   * Runs `work`, which answers without a promise, if a connection is idle, and otherwise does nothing. An error counts as
   * "not now": it will be met, and told, when the same is asked for by `run`.
   */
  runNow<T>(role: ConnectionRole, work: (connection: DriverConnection) => T): T | typeof NOT_NOW {
    const lease = this.pools[role].tryAcquire();
    if (lease === undefined) return NOT_NOW;
    try {
      return work(lease.resource);
    } catch {
      return NOT_NOW;
    } finally {
      lease.release();
    }
  }

  /** A connection for several statements; its holder releases it. Nothing is retried. */
  async lease(role: ConnectionRole, options?: LeaseOptions): Promise<Lease<DriverConnection>> {
    const signal = options?.signal;
    const acquire = () => this.pools[role].acquire(signal === undefined ? {} : { signal });
    return await this.#awake(() => this.#translated(acquire));
  }

  /** Does work that sees to its connection itself, by the same rules as `run`. */
  async retry<T>(work: () => MaybePromise<T>, options: RetryOptions = {}): Promise<T> {
    return await this.#awake(() => new Retries(this.#retryDeps, options).run(work));
  }

  /** What the driver's library threw, as a `TelepoolError`. */
  translate(error: unknown): TelepoolError {
    return translated(error, this.#driver);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#keepAlive.hold();
    const closing = await Promise.allSettled([...this.distinct.values()].map((pool) => pool.close({ timeoutMs })));
    this.#keepAlive.end();
    for (const result of closing) if (result.status === "rejected") throw this.translate(result.reason);
  }

  async #attempt<T>(
    role: ConnectionRole,
    work: (connection: DriverConnection) => MaybePromise<T>,
    options: RetryOptions,
  ): Promise<T> {
    const { signal, watch } = options;
    const pool = watch === undefined ? this.pools[role] : watched(this.pools[role], watch);
    this.#keepAlive.hold();
    try {
      return await (signal === undefined ? pool.use(work) : pool.use(work, { signal }));
    } catch (error) {
      return await new Retries(this.#retryDeps, options).goOn(error, () => pool.use(work));
    } finally {
      this.#keepAlive.release();
    }
  }

  /** The process does not end while `work` is under way. */
  async #awake<T>(work: () => Promise<T>): Promise<T> {
    this.#keepAlive.hold();
    try {
      return await work();
    } finally {
      this.#keepAlive.release();
    }
  }

  async #translated<T>(work: () => MaybePromise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.translate(error);
    }
  }

  #createPools(given: PoolOptions): RolePools {
    const options = rolePoolOptions(given, this.#driver.name, this.#driver.capabilities);
    const write = this.#createPool("write", options.write);
    const read = options.read === undefined ? write : this.#createPool("read", options.read);
    const scan = options.scan === undefined ? read : this.#createPool("scan", options.scan);
    return { write, read, scan };
  }

  #createPool(role: ConnectionRole, options: PoolOptions): Pool<DriverConnection> {
    this.#minimums.set(role, options.min ?? 0);
    return new Pool<DriverConnection>(
      {
        create: (signal) => this.#connect(role, signal),
        destroy: (connection) => connection.close(),
        validate: answersPing,
        isPermanent: (error) => isTelepoolError(error) && PERMANENT.has(error.code),
        reset: (connection) => connection.reset(),
        isBroken: (connection) => connection.isBroken(),
      },
      options,
      { clock: this.#clock, meter: this.#meterOf(role) },
    );
  }

  /** Opens a connection; the error of a failed attempt is a `TelepoolError`, so that a timeout can carry it. */
  async #connect(role: ConnectionRole, signal: AbortSignal): Promise<DriverConnection> {
    return await this.#translated(() => this.#driver.connect(role, signal));
  }
}

/** A pool that tells a watch when work waits for a connection, and when it has one. */
function watched(pool: Pool<DriverConnection>, watch: Watch): Pick<Pool<DriverConnection>, "use"> {
  return {
    use: async (work, options) => {
      watch.turnTo("poolMs");
      const onConnection: typeof work = (connection) => {
        watch.turnTo("databaseMs");
        return work(connection);
      };
      try {
        return await pool.use(onConnection, options);
      } finally {
        watch.turnTo(undefined);
      }
    },
  };
}

async function answersPing(connection: DriverConnection): Promise<boolean> {
  await connection.ping();
  return true;
}

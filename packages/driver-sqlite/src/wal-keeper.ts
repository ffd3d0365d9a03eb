/**
 * Keeps the write-ahead log short without holding up the event loop.
 *
 * When the log has grown, a worker copies it into the database beside the running writer. That alone never empties it, as
 * the writer adds pages meanwhile; so, when little is left, the next write waits, asynchronously, for a last and short
 * checkpoint that excludes all writers, after which SQLite begins the log anew. A reader in the middle of a long scan
 * delays this; it is tried again after as much writing. A checkpoint that fails does no harm but a longer log.
 */
import type { Database, Statement } from "bun:sqlite";
import { type Clock, systemClock, type Timer } from "@telepool/core";
import { DatabaseWorker } from "./database-worker.ts";
import type { SqliteConfig } from "./sqlite-options.ts";
import type { CheckpointMode } from "./worker-protocol.ts";

/** How much is written before a checkpoint, in pages: 16 MiB of log. */
const CHECKPOINT_PAGES = 4000;
/** What may be left for the last checkpoint, in pages: some milliseconds of copying. */
const LAST_PAGES = 500;
/** A log of this length, 48 MiB, makes the writer wait for the worker: it writes faster than the worker copies. */
const STOP_PAGES = 12_000;
/** How often the worker tries to get that far; a writer may be faster than it. */
const MAX_COPIES = 3;
/** How long a checkpoint waits for other processes and for readers, while it keeps writers out. */
const BUSY_TIMEOUT_MS = 50;
/** How long the worker stays without work. */
const IDLE_TIMEOUT_MS = 30_000;

type Phase = "quiet" | "copying" | "finish-before-write" | "finishing";

interface LogState {
  readonly logPages: number;
  readonly copiedPages: number;
}

/**
 * Whether this SQLite is known to count the log's pages without copying them. One that does not know `noop` copies, in
 * this thread; Bun brings 3.54, but another library can be put in its place.
 */
export function canWatchLog(database: Database): boolean {
  const row = database.query<{ version: string }, []>("select sqlite_version() as version").get();
  const [major = 0, minor = 0] = (row?.version ?? "").split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 54);
}

/** What the keeper asks of its thread. */
export type CheckpointThread = Pick<DatabaseWorker, "open" | "perform" | "close">;

/** Watches the log of one database file on behalf of its writer. */
export class WalKeeper {
  readonly #config: SqliteConfig;
  readonly #startThread: () => CheckpointThread;
  readonly #clock: Clock;
  /** Counts the log's pages and touches nothing; half a microsecond. */
  readonly #count: Statement;
  #worker: CheckpointThread | undefined;
  #opened: Promise<void> | undefined;
  #idleTimer: Timer | undefined;
  #phase: Phase = "quiet";
  /** Settles at the end of the phase "copying". */
  #copied: Promise<void> | undefined;
  #logPages = 0;
  /** The length of the log at which the next checkpoint begins. */
  #nextAt = CHECKPOINT_PAGES;
  #closed = false;

  /**
   * @param database the writer's connection
   * @param startThread another than ours is for tests, as is another clock
   */
  constructor(
    config: SqliteConfig,
    database: Database,
    startThread: () => CheckpointThread = () => new DatabaseWorker(),
    clock: Clock = systemClock,
  ) {
    this.#config = config;
    this.#startThread = startThread;
    this.#clock = clock;
    this.#count = database.prepare("pragma wal_checkpoint(noop)");
  }

  /** To be called before a write transaction; what it returns is to be waited for. */
  beforeWrite(): Promise<void> | undefined {
    if (this.#phase === "finish-before-write") return this.#finish();
    return this.#phase === "copying" && this.#logPages >= STOP_PAGES ? this.#copied : undefined;
  }

  /** To be called after every commit. */
  afterCommit(): void {
    if (this.#closed) return;
    const { logPages } = this.#log();
    if (logPages < this.#logPages) this.#nextAt = CHECKPOINT_PAGES; // the log has begun anew
    this.#logPages = logPages;
    if (this.#phase === "quiet" && logPages >= this.#nextAt) this.#copied = this.#copy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endWorker();
    this.#count.finalize();
  }

  /** Never throws: the commit that comes before it has succeeded. */
  #log(): LogState {
    try {
      const [, logPages, copiedPages] = this.#count.values()[0] as [number, number, number]; // the pragma's three columns
      return { logPages, copiedPages };
    } catch {
      return { logPages: this.#logPages, copiedPages: 0 };
    }
  }

  /** Copies what there is, while the writer goes on. */
  async #copy(): Promise<void> {
    this.#phase = "copying";
    for (let copies = 0; copies < MAX_COPIES; copies++) {
      const hasCopied = await this.#checkpoint("passive");
      if (this.#closed) return;
      const { logPages, copiedPages } = this.#log();
      this.#nextAt = logPages + CHECKPOINT_PAGES;
      if (!hasCopied) {
        this.#phase = "quiet";
        return;
      }
      if (logPages - copiedPages <= LAST_PAGES) break;
    }
    this.#phase = "finish-before-write";
  }

  /** Copies the rest, while the writer waits. */
  async #finish(): Promise<void> {
    this.#phase = "finishing";
    await this.#checkpoint("full");
    this.#phase = "quiet";
  }

  /** Says whether it was done, as far as readers allowed. */
  async #checkpoint(mode: CheckpointMode): Promise<boolean> {
    this.#idleTimer?.cancel();
    try {
      const worker = await this.#openWorker();
      await worker.perform({ kind: "checkpoint", mode });
      return true;
    } catch {
      await this.#endWorker();
      return false;
    } finally {
      this.#idleTimer?.cancel();
      if (!this.#closed) this.#idleTimer = this.#clock.setTimer(() => void this.#endWorker(), IDLE_TIMEOUT_MS);
    }
  }

  async #openWorker(): Promise<CheckpointThread> {
    const worker = this.#worker ?? this.#startThread();
    if (this.#worker === undefined) {
      this.#worker = worker;
      this.#opened = worker.open(this.#config, { writes: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
    }
    await this.#opened;
    return worker;
  }

  async #endWorker(): Promise<void> {
    this.#idleTimer?.cancel();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.close();
  }
}

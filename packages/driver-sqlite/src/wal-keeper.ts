/**
 * Keeps the write-ahead log short without holding up the event loop.
 *
 * After some writing, a worker copies the log into the database beside the running writer. Under steady load that alone
 * never empties the log, as the writer adds pages meanwhile; so the next write waits, asynchronously, for a second and
 * short checkpoint, after which SQLite begins the log anew. A reader in the middle of a long scan delays this; it is
 * tried again after as much writing.
 */
import { DatabaseWorker } from "./database-worker.ts";
import type { SqliteConfig } from "./sqlite-options.ts";
import type { CheckpointResult } from "./worker-protocol.ts";

/** How much is written between checkpoints, in pages as estimated: 16 MiB of log. */
const CHECKPOINT_PAGES = 4000;
/** A commit of a single row touches a page of the table, of each index and of the session. */
const PAGES_PER_COMMIT = 8;
/** What a further row of the same batch adds; rows share pages. */
const PAGES_PER_ROW = 1;
/** How long the worker stays without work. */
const IDLE_TIMEOUT_MS = 30_000;

type Phase = "quiet" | "copying" | "finish-before-write" | "finishing";

/** Watches the log of one database file on behalf of its writer. */
export class WalKeeper {
  readonly #config: SqliteConfig;
  #worker: DatabaseWorker | undefined;
  #opened: Promise<void> | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #phase: Phase = "quiet";
  #pages = 0;
  #closed = false;

  constructor(config: SqliteConfig) {
    this.#config = config;
  }

  /** To be called before a write transaction; what it returns is to be waited for. */
  beforeWrite(): Promise<void> | undefined {
    return this.#phase === "finish-before-write" ? this.#finish() : undefined;
  }

  /** To be called after every commit, with the number of rows in it. */
  afterCommit(rows: number): void {
    this.#pages += PAGES_PER_COMMIT + PAGES_PER_ROW * rows;
    if (this.#phase === "quiet" && this.#pages >= CHECKPOINT_PAGES && !this.#closed) void this.#copy();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#endWorker();
  }

  /** Copies what there is, while the writer goes on. */
  async #copy(): Promise<void> {
    this.#phase = "copying";
    this.#pages = 0;
    const { logPages, copiedPages } = await this.#checkpoint();
    this.#phase = logPages > copiedPages ? "finish-before-write" : "quiet";
  }

  /** Copies the rest, while the writer waits. */
  async #finish(): Promise<void> {
    this.#phase = "finishing";
    await this.#checkpoint();
    this.#phase = "quiet";
  }

  /** A checkpoint that fails is no harm: the log stays longer, and the next one tries again. */
  async #checkpoint(): Promise<CheckpointResult> {
    clearTimeout(this.#idleTimer);
    try {
      const worker = await this.#openWorker();
      const result = await worker.perform({ kind: "checkpoint" });
      return result as CheckpointResult; // what a worker answers to this task
    } catch {
      await this.#endWorker();
      return { logPages: 0, copiedPages: 0 };
    } finally {
      this.#idleTimer = setTimeout(() => void this.#endWorker(), IDLE_TIMEOUT_MS);
      this.#idleTimer.unref();
      if (this.#closed) clearTimeout(this.#idleTimer);
    }
  }

  async #openWorker(): Promise<DatabaseWorker> {
    const worker = this.#worker ?? new DatabaseWorker();
    if (this.#worker === undefined) {
      this.#worker = worker;
      this.#opened = worker.open(this.#config, true);
    }
    await this.#opened;
    return worker;
  }

  async #endWorker(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.close();
  }
}

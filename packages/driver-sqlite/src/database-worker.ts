/**
 * A database connection in a thread of its own, for what may take long. It keeps the process alive only while it works.
 *
 * Invariants: every task settles exactly once, also when the thread dies or is ended; after `end()` nothing is left.
 */
import { type ErrorCode, TelepoolError } from "@telepool/core";
import type { ConnectionSettings } from "./open-database.ts";
import type { SqliteConfig } from "./sqlite-options.ts";
import type { WorkerFailure, WorkerReply, WorkerRequest, WorkerTask } from "./worker-protocol.ts";

interface Outstanding {
  readonly resolve: (result: WorkerReply["result"]) => void;
  readonly reject: (error: unknown) => void;
}

/** From source the thread's script is TypeScript, from a package it is JavaScript beside this file. */
const SCRIPT = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/** The host side of one worker. */
export class DatabaseWorker {
  readonly #worker: Worker;
  readonly #outstanding = new Map<number, Outstanding>();
  #number = 0;
  #lost: TelepoolError | undefined;

  /** @param script what runs in the thread; another than ours is for tests */
  constructor(script: URL = SCRIPT) {
    this.#worker = new Worker(script);
    this.#worker.unref();
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#settle(data);
    this.#worker.onerror = (event) =>
      this.#lose(new TelepoolError("CONNECTION_LOST", "a database thread died", { cause: event.message }));
    this.#worker.addEventListener("close", () =>
      this.#lose(new TelepoolError("CONNECTION_LOST", "a database thread ended by itself")),
    );
  }

  /** Whether the thread has died or was ended. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Opens the database in the thread. */
  async open(config: SqliteConfig, settings: ConnectionSettings): Promise<void> {
    await this.perform({ kind: "open", config, settings });
  }

  /** Does a task in the thread; tasks are done in the order in which they come. */
  perform(task: WorkerTask): Promise<WorkerReply["result"]> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const number = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ number, task } satisfies WorkerRequest); // throws for what cannot be sent
      if (this.#outstanding.size === 0) this.#worker.ref();
      this.#outstanding.set(number, { resolve, reject });
    });
  }

  /** Closes the database, after what was asked before, and ends the thread. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    try {
      await this.perform({ kind: "close" });
    } catch {
      // the thread died before it could close: ending it is all that is left to do
    }
    this.end();
  }

  /** Ends the thread at once; what it was asked to do is rejected. */
  end(): void {
    this.#lose(new TelepoolError("CONNECTION_LOST", "the database thread was ended"));
  }

  #settle({ number, result, failure }: WorkerReply): void {
    const task = this.#outstanding.get(number);
    if (task === undefined) return;
    this.#outstanding.delete(number);
    if (this.#outstanding.size === 0) this.#worker.unref();
    if (failure === undefined) task.resolve(result);
    else task.reject(toError(failure));
  }

  #lose(error: TelepoolError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#worker.terminate();
    for (const task of this.#outstanding.values()) task.reject(error);
    this.#outstanding.clear();
  }
}

/** The error as it was in the thread: telepool's own, or one with SQLite's result code. */
function toError({ message, code, isTelepoolError }: WorkerFailure): Error {
  if (isTelepoolError) return new TelepoolError(code as ErrorCode, message); // the thread sent a TelepoolError's code
  return Object.assign(new Error(message), { code });
}

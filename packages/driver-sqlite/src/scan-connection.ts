/** A connection that reads in a thread of its own, so that a long statement does not hold the event loop. */
import { type DriverConnection, type SqlStatement, type StatementResult, TelepoolError } from "@telepool/core";
import { DatabaseWorker } from "./database-worker.ts";
import type { SqliteConfig } from "./sqlite-options.ts";

/** A thread may block while another process holds a lock: it holds up nobody but its own caller. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens a connection in a new worker. */
export async function openScanConnection(config: SqliteConfig, signal: AbortSignal): Promise<ScanConnection> {
  const worker = new DatabaseWorker();
  const onAbort = () => worker.end();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await worker.open(config, { writes: false, busyTimeoutMs: BUSY_TIMEOUT_MS });
    return new ScanConnection(worker);
  } catch (error) {
    worker.end();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The host side of a reading worker. */
export class ScanConnection implements DriverConnection {
  readonly #worker: DatabaseWorker;

  constructor(worker: DatabaseWorker) {
    this.#worker = worker;
  }

  async execute({ sql, parameters }: SqlStatement): Promise<StatementResult> {
    const result = await this.#worker.perform({ kind: "execute", statement: { sql, parameters } });
    return result as StatementResult; // what a worker answers to this task
  }

  begin(): never {
    throw readsOnly();
  }

  commit(): never {
    throw readsOnly();
  }

  rollback(): never {
    throw readsOnly();
  }

  writeProfiles(): never {
    throw readsOnly();
  }

  writeEvents(): never {
    throw readsOnly();
  }

  readProfiles(): never {
    throw readsOnly();
  }

  async ping(): Promise<void> {
    await this.execute({ sql: "select 1", parameters: [] });
  }

  reset(): void {}

  isBroken(): boolean {
    return this.#worker.isLost;
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }
}

function readsOnly(): TelepoolError {
  return new TelepoolError("NOT_SUPPORTED", "a scan connection only runs select statements");
}

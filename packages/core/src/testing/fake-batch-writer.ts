/** A batch writer whose batches a test holds, fails and looks at; rows are texts, as long as they are heavy. */
import type { BatchWriter } from "../queue/write-queue.ts";

/** A batch that is being written. */
export interface HeldBatch {
  readonly rows: readonly string[];
  /** The write succeeds; with the positions of rows that were stored before. */
  succeed(duplicates?: readonly number[]): void;
  fail(error: Error): void;
}

/** What a single row can be at fault for. */
export class RowError extends Error {}

/** Writes at once, unless it is told to hold; refuses rows that begin with `bad`. */
export class FakeBatchWriter implements BatchWriter<string> {
  readonly name = "rows";
  /** Every batch that was begun. */
  readonly batches: (readonly string[])[] = [];
  /** Batches under way, while the writer holds. */
  readonly held: HeldBatch[] = [];
  readonly stored: string[] = [];
  readonly latencies: number[] = [];
  holds = false;
  concurrency = 1;
  mostAtOnce = 0;
  #atOnce = 0;

  async write(rows: readonly string[]): Promise<{ duplicates: readonly number[] }> {
    this.batches.push(rows);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      const duplicates = this.holds ? await this.#hold(rows) : [];
      if (rows.some((row) => row.startsWith("bad"))) throw new RowError("a row is bad");
      this.stored.push(...rows);
      return { duplicates };
    } finally {
      this.#atOnce--;
    }
  }

  bytesOf(row: string): number {
    return row.length;
  }

  rowAtFault(error: unknown): boolean {
    return error instanceof RowError;
  }

  maxConcurrentBatches(): number {
    return this.concurrency;
  }

  onStored(latencyMs: number): void {
    this.latencies.push(latencyMs);
  }

  nowMs(): number {
    return 0;
  }

  #hold(rows: readonly string[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.held.splice(this.held.indexOf(batch), 1);
      };
      const batch: HeldBatch = {
        rows,
        succeed: (duplicates = []) => {
          leave();
          resolve(duplicates);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      this.held.push(batch);
    });
  }
}

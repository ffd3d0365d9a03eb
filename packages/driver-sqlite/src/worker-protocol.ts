/** What is said between a database worker and its host. */
import type { SqlStatement, StatementResult } from "@telepool/core";
import type { SqliteConfig } from "./sqlite-options.ts";

/** What a worker can be asked to do. */
export type WorkerTask =
  | { readonly kind: "open"; readonly config: SqliteConfig; readonly writes: boolean }
  | { readonly kind: "execute"; readonly statement: SqlStatement }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "close" };

/** A task under its number. */
export interface WorkerRequest {
  readonly number: number;
  readonly task: WorkerTask;
}

/** An error in a form that survives being sent between threads. */
export interface WorkerFailure {
  readonly message: string;
  /** SQLite's result code, or telepool's code. */
  readonly code: string | undefined;
  readonly isTelepoolError: boolean;
}

/** How far a checkpoint came, in pages of the write-ahead log. */
export interface CheckpointResult {
  readonly logPages: number;
  readonly copiedPages: number;
}

/** What a worker answers. */
export interface WorkerReply {
  readonly number: number;
  readonly result?: StatementResult | CheckpointResult | undefined;
  readonly failure?: WorkerFailure;
}

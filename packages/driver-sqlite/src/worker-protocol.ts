/** What is said between a database worker and its host. */
import type { SqlStatement, StatementResult } from "@telepool/core";
import type { ConnectionSettings } from "./open-database.ts";
import type { SqliteConfig } from "./sqlite-options.ts";

/** `passive` waits for nobody and copies what it can; `full` keeps other writers out until all is copied. */
export type CheckpointMode = "passive" | "full";

/** What a worker can be asked to do. */
export type WorkerTask =
  | { readonly kind: "open"; readonly config: SqliteConfig; readonly settings: ConnectionSettings }
  | { readonly kind: "execute"; readonly statement: SqlStatement }
  | { readonly kind: "checkpoint"; readonly mode: CheckpointMode }
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

/** What a worker answers. */
export interface WorkerReply {
  readonly number: number;
  readonly result?: StatementResult | undefined;
  readonly failure?: WorkerFailure;
}

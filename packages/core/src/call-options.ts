/** What callers may give with a single call, and what they get back for it; a misspelt key is refused, not ignored. */
import type { CallTiming } from "./call-timing.ts";
import type { TelepoolError } from "./errors.ts";
import { objectionToTimeout } from "./pool/pool-options.ts";
import type { WriteOptions, WriteOutcome } from "./queue/write-queue.ts";
import { checkKeys } from "./store/known-keys.ts";

/** What a single insert may bring beside its row. */
export interface InsertOptions extends WriteOptions {
  /** The row's own id; a new UUIDv7 if absent. */
  readonly id?: string;
  /** Milliseconds since 1970; now if absent. */
  readonly timestamp?: number;
}

/** How a store is closed. */
export interface CloseOptions {
  /** How long to wait for what is under way, in milliseconds; `Infinity` waits without end. */
  readonly timeoutMs?: number;
}

/** What became of a row. */
export interface AddResult extends WriteOutcome {
  readonly id: string;
}

/** What may be given with many rows that are written together. */
export interface InsertManyOptions {
  /** Rolls the transaction back, unless its last rows are being committed. */
  readonly signal?: AbortSignal;
  /** Is told where the call's time went. */
  readonly timing?: CallTiming;
}

/** What became of many rows that were written together. */
export interface InsertManyResult {
  /** The id of every row, in their order. */
  readonly ids: string[];
  /** The ids that were stored before, whose rows changed nothing. */
  readonly duplicates: string[];
}

const CLOSE_KEYS: ReadonlySet<string> = new Set(["timeoutMs"]);
const READ_KEYS: ReadonlySet<string> = new Set(["signal", "timing"]);
const WRITE_KEYS: ReadonlySet<string> = new Set(["wait", "signal", "timing"]);
const INSERT_KEYS: ReadonlySet<string> = new Set([...WRITE_KEYS, "id", "timestamp"]);

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function checkReadOptions(options: object | undefined): void {
  if (options !== undefined) checkKeys(options, READ_KEYS, "options");
}

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function checkWriteOptions(options: object | undefined): void {
  if (options !== undefined) checkKeys(options, WRITE_KEYS, "options");
}

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function checkInsertOptions(options: object | undefined): void {
  if (options !== undefined) checkKeys(options, INSERT_KEYS, "options");
}

/** Why a store cannot be closed in this way, if it cannot. */
export function objectionToClose(options: CloseOptions): TelepoolError | undefined {
  try {
    checkKeys(options, CLOSE_KEYS, "options");
  } catch (error) {
    return error as TelepoolError; // the only thing that it throws
  }
  return options.timeoutMs === undefined ? undefined : objectionToTimeout(options.timeoutMs, 0);
}

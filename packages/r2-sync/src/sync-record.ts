/** What a sync knows of how it goes: counts, times, the last error. `status()` and the metrics are read from it. */
import {
  type ErrorCode,
  isTelepoolError,
  type ProofStatus,
  type SyncedRows,
  type SyncProgress,
  type SyncState,
} from "@telepool/core";
import type { CheckpointPart } from "./checkpoint/manifest.ts";
import type { LogObject } from "./log/log-object.ts";

/** What this process has put. */
export interface PutTotals {
  readonly objects: number;
  readonly bytes: number;
  readonly rows: SyncedRows;
}

/** An error as it is shown. */
export interface RecordedError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The record of one sync. */
export class SyncRecord {
  state: SyncState = "off";
  progress: SyncProgress | undefined;
  proof: ProofStatus | undefined;
  lastError: RecordedError | undefined;
  lastSyncAt: number | undefined;
  readonly failures: Map<ErrorCode, number> = new Map();
  #pending = 0;
  #pendingSince: number | undefined;
  #objects = 0;
  #bytes = 0;
  readonly #rows = { profiles: 0, events: 0, sessions: 0, deleted: 0 };

  /** Changes that are not copied. */
  get pending(): number {
    return this.#pending;
  }

  get totals(): PutTotals {
    return { objects: this.#objects, bytes: this.#bytes, rows: { ...this.#rows } };
  }

  /** For how long the oldest change has been waiting. */
  lagMs(nowMs: number): number {
    return this.#pendingSince === undefined ? 0 : Math.max(0, nowMs - this.#pendingSince);
  }

  /** Rows were stored by this store. */
  stored(rows: number, nowMs: number): void {
    this.#pending += rows;
    this.#pendingSince ??= nowMs;
  }

  /** Changes were counted; those that nobody told of have been waiting since `sinceMs` at most. */
  counted(changes: number, sinceMs: number): void {
    this.#pending = changes;
    if (changes === 0) this.#pendingSince = undefined;
    else this.#pendingSince ??= sinceMs;
  }

  /** All changes were logged that were there at a time; so many have come since. */
  drained(left: number, startedMs: number): void {
    this.#pending = left;
    this.#pendingSince = left === 0 ? undefined : startedMs;
  }

  /** Everything was copied that was there at a time. */
  synced(startedMs: number): void {
    this.lastSyncAt = startedMs;
    this.lastError = undefined;
  }

  putLog({ header, content }: LogObject): void {
    this.#objects++;
    this.#bytes += content.length;
    const { rows } = header;
    this.#rows.profiles += rows.profiles;
    this.#rows.events += rows.events;
    this.#rows.sessions += rows.sessions;
    this.#rows.deleted += rows.deleted;
    this.#pending = Math.max(0, this.#pending - rows.profiles - rows.events - rows.deleted);
  }

  /** The rows of a part are copied for the first time. */
  copied({ table, rows }: CheckpointPart): void {
    this.#rows[table === "analytics" ? "events" : table] += rows;
  }

  putPart({ bytes }: CheckpointPart): void {
    this.#objects++;
    this.#bytes += bytes;
  }

  failed(error: unknown, nowMs: number): void {
    const code = isTelepoolError(error) ? error.code : "STORAGE_UNREACHABLE";
    const message = isTelepoolError(error) ? error.message : "the sync failed for a reason that it does not know";
    this.lastError = { code, message, at: nowMs };
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}

/** What was put between two readings of the totals. */
export function putSince(before: PutTotals, after: PutTotals): PutTotals {
  const rows = {
    profiles: after.rows.profiles - before.rows.profiles,
    events: after.rows.events - before.rows.events,
    sessions: after.rows.sessions - before.rows.sessions,
    deleted: after.rows.deleted - before.rows.deleted,
  };
  return { objects: after.objects - before.objects, bytes: after.bytes - before.bytes, rows };
}

/** What a copy of a store is made with: its changes, its tables, the record of the copy, and the store that it comes back into. */
import { systemClock } from "../clock.ts";
import { openedOf, sourceOf, type TelemetryPool } from "../telemetry-pool.ts";
import { RestoreTarget } from "./restore-target.ts";
import type { SyncSource } from "./sync-source.ts";

export { readAhead } from "../manager/read-ahead.ts";
export type { RawRow, TableName } from "../store/raw-rows.ts";
export { rowDigest } from "../store/row-digest.ts";
export type { Change, ChangeFeed, ChangesRequest } from "./change-feed.ts";
export type { CopyHead, CopyLedger, NextHead } from "./copy-ledger.ts";
export type { CopyNotes } from "./copy-notes.ts";
export type { RestoreTarget, SessionState } from "./restore-target.ts";
export type { SyncSource } from "./sync-source.ts";
export type { ScannedRows, ScanPosition, TableScan } from "./table-scan.ts";

/** Opens a store, and gives what it offers to a copy. */
export function openSyncSource(store: TelemetryPool): Promise<SyncSource> {
  return sourceOf(store);
}

/** Opens a store to restore into. */
export async function openRestoreTarget(store: TelemetryPool): Promise<RestoreTarget> {
  const { driver, repository } = await openedOf(store);
  return new RestoreTarget({ driver, repository, nowMs: () => systemClock.wallMs() });
}

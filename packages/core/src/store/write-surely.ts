/**
 * Writing rows by their ids so that a lost connection does not matter: the same rows are written again, which stores those
 * that are missing and changes no other. So a caller learns the truth even when the answer to a commit was lost; only when
 * the database stays away until `retryTimeoutMs` is over it is told `COMMIT_OUTCOME_UNKNOWN`.
 *
 * Writes are atomic. If the last attempt stored any row, no attempt before it was committed, and its report is right. If
 * it found all of them, an attempt before it may have stored them: rows that are there just as we have them are our own.
 */
import type { Kysely } from "kysely";
import type { MaybePromise } from "../async.ts";
import type { Watch } from "../call-timing.ts";
import type { Connections } from "../driver/connections.ts";
import type { DriverConnection, WriteReport } from "../driver/driver.ts";
import { type RawRow, rowsByIds } from "./raw-rows.ts";
import { differingColumns } from "./row-differences.ts";
import type { TelemetryTables } from "./tables.ts";

/** Ids in one query. */
const QUERY_IDS = 500;

/** Where rows are written that have ids of their own. */
export interface Destination<T extends "profiles" | "analytics"> {
  readonly connections: Connections;
  /** Reads what was written, not what a replica has of it. */
  readonly written: Kysely<TelemetryTables>;
  readonly table: T;
}

/** Writes rows, again after a lost connection. */
export async function writeSurely<T extends "profiles" | "analytics">(
  destination: Destination<T>,
  rows: readonly RawRow<T>[],
  write: (connection: DriverConnection) => MaybePromise<WriteReport>,
  watch: Watch | undefined,
): Promise<WriteReport> {
  let uncertain = false;
  const onLost = (outcomeUnknown: boolean): void => {
    uncertain ||= outcomeUnknown;
  };
  const report = await destination.connections.run("write", write, { repeatable: true, onLost, watch });
  if (!uncertain || report.duplicates.length < rows.length) return report;
  return { duplicates: await strangersAmong(destination, rows) };
}

/** The positions of rows that are stored with another content, or stand behind another one with their id. */
async function strangersAmong<T extends "profiles" | "analytics">(
  { written, table }: Destination<T>,
  rows: readonly RawRow<T>[],
): Promise<number[]> {
  const ids = [...new Set(rows.map(({ id }) => id))];
  const stored = new Map<string, RawRow<T>>();
  for (let start = 0; start < ids.length; start += QUERY_IDS) {
    for (const row of await rowsByIds(written, table, ids.slice(start, start + QUERY_IDS))) stored.set(row.id, row);
  }
  return rows.flatMap((row, position) => {
    const found = stored.get(row.id);
    stored.delete(row.id);
    return found !== undefined && differingColumns(table, row, found).length === 0 ? [] : [position];
  });
}

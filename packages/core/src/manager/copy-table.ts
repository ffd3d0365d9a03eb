/** The three tables of a copy, and how rows get into them. */
import type { TelepoolError } from "../errors.ts";
import type { RawRow, TableName } from "../store/raw-rows.ts";
import { EVENT_ROWS, PROFILE_ROWS } from "../store/row-kind.ts";
import type { TelemetryRepository } from "../store/telemetry-repository.ts";
import { writeSplitting } from "../store/write-splitting.ts";
import type { CopyCourse } from "./copy-course.ts";
import type { CopiedKind } from "./copy-report.ts";

/** One of the tables. */
export interface CopyTable<T extends TableName> {
  readonly name: T;
  /** What its rows are called. */
  readonly kind: CopiedKind;
  bytesOf(row: RawRow<T>): number;
  /** Writes rows in one transaction; gives back how many were new. */
  write(repository: TelemetryRepository, rows: readonly RawRow<T>[]): Promise<number>;
}

/** A session has names and numbers only. */
const SESSION_BYTES = 300;

/**
 * A session goes ahead of its profiles, without any: they then leave its member as it is, add themselves to the count, and
 * widen its times, which can be wider than those of the profiles that are left.
 */
export const SESSIONS: CopyTable<"sessions"> = {
  name: "sessions",
  kind: "sessions",
  bytesOf: () => SESSION_BYTES,
  write: async (repository, rows) => {
    const empty = rows.map((row) => ({ ...row, profile_count: 0 }));
    await repository.exact.insertInto("sessions").values(empty).execute();
    return rows.length;
  },
};

export const PROFILES: CopyTable<"profiles"> = {
  name: "profiles",
  kind: "profiles",
  bytesOf: PROFILE_ROWS.bytesOf,
  write: async (repository, rows) => rows.length - (await repository.write(PROFILE_ROWS, rows)).duplicates.length,
};

export const EVENTS: CopyTable<"analytics"> = {
  name: "analytics",
  kind: "events",
  bytesOf: EVENT_ROWS.bytesOf,
  write: async (repository, rows) => rows.length - (await repository.write(EVENT_ROWS, rows)).duplicates.length,
};

/** Writes a page of rows into the target; `onRejected` is told of those that it refuses. Gives back how many were new. */
export async function writeRows<T extends TableName>(
  course: CopyCourse,
  table: CopyTable<T>,
  rows: readonly RawRow<T>[],
  onRejected: (row: RawRow<T>, error: TelepoolError) => void,
): Promise<number> {
  if (rows.length === 0) return 0;
  let stored = 0;
  const write = async (part: readonly RawRow<T>[]): Promise<void> => {
    stored += await table.write(course.target.repository, part);
  };
  await writeSplitting(rows, write, onRejected);
  course.written(stored);
  return stored;
}

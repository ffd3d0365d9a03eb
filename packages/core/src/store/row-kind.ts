/** What tells profiles from events where both go the same way: through a queue, in one transaction, or by an import. */
import type { MaybePromise } from "../async.ts";
import type { Clock } from "../clock.ts";
import type { DriverConnection, WriteReport } from "../driver/driver.ts";
import type { OperationName } from "../metrics/operation-times.ts";
import type { RawRow } from "./raw-rows.ts";
import { type EventInput, eventBytes, eventRow, type ProfileInput, profileBytes, profileRow } from "./rows.ts";
import { type StoredRows, storedEvents, storedProfiles } from "./stored-rows.ts";

/** What is given for a row of each table. */
export interface RowInputs {
  readonly profiles: ProfileInput;
  readonly analytics: EventInput;
}

/** The tables whose rows come from outside. */
export type RowTable = keyof RowInputs;

/** One kind of rows, by its table. */
export interface RowKind<T extends RowTable> {
  /** Names the kind, and its queue. */
  readonly name: StoredRows["kind"];
  readonly table: T;
  /** The calls that bring such rows. */
  readonly calls: { readonly one: OperationName; readonly many: OperationName; readonly import: OperationName };
  /** The row for an input; `where` is the path that messages start with, such as `rows[3]`. */
  parse(input: RowInputs[T], clock: Clock, where: string): RawRow<T>;
  /** How much memory a row holds: an estimate. */
  bytesOf(row: RawRow<T>): number;
  /** Stores rows, by the rules of the port. */
  write(connection: DriverConnection, rows: readonly RawRow<T>[]): MaybePromise<WriteReport>;
  /** Rows as listeners are shown them. */
  toStored(rows: readonly RawRow<T>[]): StoredRows;
}

export const PROFILE_ROWS: RowKind<"profiles"> = {
  name: "profiles",
  table: "profiles",
  calls: { one: "addProfile", many: "insertProfiles", import: "importProfiles" },
  parse: profileRow,
  bytesOf: profileBytes,
  write: (connection, rows) => connection.writeProfiles(rows),
  toStored: storedProfiles,
};

export const EVENT_ROWS: RowKind<"analytics"> = {
  name: "events",
  table: "analytics",
  calls: { one: "addEvent", many: "insertEvents", import: "importEvents" },
  parse: eventRow,
  bytesOf: eventBytes,
  write: (connection, rows) => connection.writeEvents(rows),
  toStored: storedEvents,
};

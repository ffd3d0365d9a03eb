/** The columns of each table in a Parquet file, in their order, and the schema that describes them. */
import type { TelemetryTables } from "@telepool/core";
import type { SchemaElement } from "hyparquet";

/** A table that can be written as Parquet. */
export type ParquetTable = "profiles" | "analytics" | "sessions";

/** The folder that a table's files are in, by the name that its rows have outside of the database. */
export const TABLE_FOLDERS: Readonly<Record<ParquetTable, string>> = {
  profiles: "profiles",
  analytics: "events",
  sessions: "sessions",
};

/** A row of a table, as it is stored. */
export type ParquetRow<T extends ParquetTable> = TelemetryTables[T];

/** `json` is a JSON text; `time` is milliseconds since 1970. */
export type ColumnKind = "text" | "json" | "time" | "count";

/** A column of a table. */
export interface TableColumn<Name extends string = string> {
  readonly name: Name;
  readonly kind: ColumnKind;
  readonly nullable?: true;
}

type ColumnsOf<T extends ParquetTable> = readonly TableColumn<keyof ParquetRow<T> & string>[];

const PROFILES: ColumnsOf<"profiles"> = [
  { name: "id", kind: "text" },
  { name: "session", kind: "text" },
  { name: "profile", kind: "json" },
  { name: "timestamp", kind: "time" },
  { name: "member", kind: "text" },
  { name: "document", kind: "text" },
];

const ANALYTICS: ColumnsOf<"analytics"> = [
  { name: "id", kind: "text" },
  { name: "event_type", kind: "text" },
  { name: "data", kind: "json" },
  { name: "timestamp", kind: "time" },
  { name: "session", kind: "text", nullable: true },
];

const SESSIONS: ColumnsOf<"sessions"> = [
  { name: "id", kind: "text" },
  { name: "member", kind: "text" },
  { name: "created_at", kind: "time" },
  { name: "last_activity", kind: "time" },
  { name: "profile_count", kind: "count" },
];

/** The columns of each table. */
export const TABLE_COLUMNS: Readonly<Record<ParquetTable, readonly TableColumn[]>> = {
  profiles: PROFILES,
  analytics: ANALYTICS,
  sessions: SESSIONS,
};

const STRING = { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } } as const;

const TYPES = {
  text: STRING,
  // Not Parquet's JSON: DuckDB checks every text of such a column whenever it is read, and its functions take text as well.
  json: STRING,
  time: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
  count: { type: "INT64" },
} as const satisfies Record<ColumnKind, Partial<SchemaElement>>;

/** The schema that a table's files declare. */
export function fileSchema(table: ParquetTable): SchemaElement[] {
  const columns = TABLE_COLUMNS[table];
  return [
    { name: "root", num_children: columns.length },
    ...columns.map(({ name, kind, nullable }): SchemaElement => {
      return { name, repetition_type: nullable ? "OPTIONAL" : "REQUIRED", ...TYPES[kind] };
    }),
  ];
}

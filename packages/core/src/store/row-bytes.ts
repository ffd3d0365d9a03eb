/** How much rows take, measured by what is in them: where a database does not know how much storage it uses. */
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import { JSON_COLUMN } from "./raw-rows.ts";
import type { TelemetryTables } from "./tables.ts";

/** What a database adds to each row: its header, its numbers, and the entries of the indexes. An estimate. */
const ROW_OVERHEAD_BYTES = 200;

const NAMES = {
  profiles: ["id", "session", "member", "document"],
  analytics: ["id", "event_type", "session"],
} as const;

type MeasuredTable = keyof typeof NAMES;

/** The bytes of one row: its JSON as text, and its names twice, as each stands in an index too. */
export function rowBytes(table: MeasuredTable, dialect: SqlDialect): RawBuilder<number> {
  const names = NAMES[table].map((name) => sql`coalesce(octet_length(${sql.ref(name)}), 0)`);
  const json = dialect.jsonBytes(JSON_COLUMN[table]);
  return sql<number>`${json} + 2 * (${sql.join(names, sql` + `)}) + ${sql.lit(ROW_OVERHEAD_BYTES)}`;
}

/** The bytes of all profiles and events; looks at every row. */
export async function storedBytes(db: Kysely<TelemetryTables>, dialect: SqlDialect): Promise<number> {
  let bytes = 0;
  for (const table of ["profiles", "analytics"] as const) {
    const sum = sql<number | null>`sum(${rowBytes(table, dialect)})`.as("bytes");
    bytes += Number((await db.selectFrom(table).select(sum).executeTakeFirst())?.bytes ?? 0);
  }
  return bytes;
}

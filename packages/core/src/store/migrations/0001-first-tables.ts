/**
 * The three tables of the original brief; those that exist already are taken over. The indexes keep its names; where its
 * queries also sort by time, the column follows in the index, so that "the latest of a member" needs no sort
 * (docs/decisions/0003-schema.md).
 */
import type { Kysely } from "kysely";
import type { SqlDialect } from "../../driver/sql-dialect.ts";
import { AdoptedTables } from "./adopted-tables.ts";

export async function createFirstTables(db: Kysely<unknown>, dialect: SqlDialect): Promise<void> {
  const { types } = dialect;
  const adopted = await AdoptedTables.putAside(db, dialect);
  await db.schema
    .createTable("profiles")
    .addColumn("id", types.name, (column) => column.primaryKey().notNull())
    .addColumn("session", types.name, (column) => column.notNull())
    .addColumn("profile", types.json, (column) => column.notNull())
    .addColumn("timestamp", types.bigint, (column) => column.notNull())
    .addColumn("member", types.name, (column) => column.notNull())
    .addColumn("document", types.name, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("sessions")
    .addColumn("id", types.name, (column) => column.primaryKey().notNull())
    .addColumn("member", types.name, (column) => column.notNull())
    .addColumn("created_at", types.bigint, (column) => column.notNull())
    .addColumn("last_activity", types.bigint, (column) => column.notNull())
    .addColumn("profile_count", types.bigint, (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable("analytics")
    .addColumn("id", types.name, (column) => column.primaryKey().notNull())
    .addColumn("event_type", types.name, (column) => column.notNull())
    .addColumn("data", types.json, (column) => column.notNull())
    .addColumn("timestamp", types.bigint, (column) => column.notNull())
    .addColumn("session", types.name)
    .execute();

  await adopted.takeOver(); // before the indexes: those of the old tables have the same names

  const indexes: [name: string, table: string, columns: string[]][] = [
    ["idx_profiles_session", "profiles", ["session", "timestamp"]],
    ["idx_profiles_member", "profiles", ["member", "timestamp"]],
    ["idx_profiles_document", "profiles", ["document", "timestamp"]],
    ["idx_profiles_timestamp", "profiles", ["timestamp"]],
    ["idx_sessions_member", "sessions", ["member", "created_at"]],
    ["idx_sessions_created_at", "sessions", ["created_at"]],
    ["idx_analytics_type", "analytics", ["event_type", "timestamp"]],
    ["idx_analytics_session", "analytics", ["session", "timestamp"]],
    ["idx_analytics_timestamp", "analytics", ["timestamp"]],
  ];
  for (const [name, table, columns] of indexes) await db.schema.createIndex(name).on(table).columns(columns).execute();
}

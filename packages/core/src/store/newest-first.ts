/** The order of every list: newest first, and of equal times in descending order of their ids, so that it is total. */
import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { SqlDialect } from "../driver/sql-dialect.ts";
import type { ParsedPage } from "./page.ts";
import type { TelemetryTables } from "./tables.ts";

/**
 * Orders a query by `time` and id, and narrows it to the page: one row more than its limit, to see whether there are more.
 *
 * The first page has a bound too, though every row is within it: without one SQLite, which sees a small limit, prefers to
 * look at the whole table over walking along the index. And the bound is not `(time, id) < (…, …)`, for which MySQL walks
 * along the whole index.
 */
export function newestFirst<T extends keyof TelemetryTables, O>(
  query: SelectQueryBuilder<TelemetryTables, T, O>,
  time: "timestamp" | "created_at",
  { limit, after }: ParsedPage,
): SelectQueryBuilder<TelemetryTables, T, O> {
  const upTo = after?.timestamp ?? Number.MAX_SAFE_INTEGER;
  const bounded = query.where(sql<boolean>`${sql.ref(time)} <= ${upTo}`);
  const narrowed =
    after === undefined
      ? bounded
      : bounded.where(sql<boolean>`(${sql.ref(time)} < ${upTo} or ${sql.ref("id")} < ${after.id})`);
  return narrowed
    .orderBy(sql.ref(time), "desc")
    .orderBy(sql.ref("id"), "desc")
    .limit(limit + 1);
}

/** A query over a table that walks along one of its indexes, of which the database is told where it needs to be. */
export function selectAlong<T extends keyof TelemetryTables>(
  db: Kysely<TelemetryTables>,
  { indexHint }: SqlDialect,
  table: T,
  index: string,
): SelectQueryBuilder<TelemetryTables, T, object> {
  const name = sql.ref(table);
  const hinted = indexHint === undefined ? name : sql`${name} ${indexHint(index)}`;
  const query = db.selectFrom(sql<TelemetryTables[T]>`${sql.table(table)}`.as<T>(hinted));
  return query as unknown as SelectQueryBuilder<TelemetryTables, T, object>; // the table itself, under its own name
}

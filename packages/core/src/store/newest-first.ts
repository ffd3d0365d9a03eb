/** The order of every list: newest first, and of equal times in descending order of their ids, so that it is total. */
import { type SelectQueryBuilder, sql } from "kysely";
import type { ParsedPage } from "./page.ts";
import type { TelemetryTables } from "./tables.ts";

/**
 * Orders a query by `time` and id, and narrows it to the page: one row more than its limit, to see whether there are more.
 *
 * The first page has a bound too, though every row is within it: without one SQLite, which sees a small limit, prefers to
 * look at the whole table over walking along the index.
 */
export function newestFirst<T extends keyof TelemetryTables, O>(
  query: SelectQueryBuilder<TelemetryTables, T, O>,
  time: "timestamp" | "created_at",
  { limit, after }: ParsedPage,
): SelectQueryBuilder<TelemetryTables, T, O> {
  const bound =
    after === undefined
      ? sql<boolean>`${sql.ref(time)} <= ${Number.MAX_SAFE_INTEGER}`
      : sql<boolean>`(${sql.ref(time)}, ${sql.ref("id")}) < (${after.timestamp}, ${after.id})`;
  return query
    .where(bound)
    .orderBy(sql.ref(time), "desc")
    .orderBy(sql.ref("id"), "desc")
    .limit(limit + 1);
}

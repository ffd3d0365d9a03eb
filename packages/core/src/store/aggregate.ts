/**
 * Statistics over a number inside the profiles: count, min, max, mean and percentiles, for all or for each group.
 *
 * Percentiles are nearest-rank (the smallest value that at least p % of the values do not exceed), computed by window
 * functions, so that all databases give the same numbers.
 */
import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { JsonPath, SqlDialect } from "../driver/sql-dialect.ts";
import { TelepoolError } from "../errors.ts";
import { PROFILE_FILTER_KEYS, type ProfileFilter, parseFilter } from "./filters.ts";
import { checkKeys } from "./known-keys.ts";
import type { TelemetryTables } from "./tables.ts";

/** What profiles are grouped by: a column, or spans of time of `bucketMs` milliseconds that start at 1970. */
export type GroupBy = "member" | "session" | "document" | { readonly bucketMs: number };

/** What is to be computed. */
export interface AggregateRequest extends ProfileFilter {
  /** Where the number is: `$.latency`, `parse.medianMs`, `$.runs[0]["wall time"]`. */
  readonly metric: string;
  /** One group for each value; a single group, `null`, if absent. */
  readonly groupBy?: GroupBy;
  /** The most groups, from 1 to 10 000: the first of them in ascending order. Without it, more than 1000 are an error. */
  readonly limit?: number;
}

/** The statistics of one group; profiles without a number at the path are not counted. */
export interface AggregateGroup {
  /** The column's value, or the start of the span of time; null when nothing was grouped. */
  readonly group: string | number | null;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const REQUEST_KEYS: ReadonlySet<string> = new Set([...PROFILE_FILTER_KEYS, "metric", "groupBy", "limit"]);
const MAX_GROUPS = 10_000;
const DEFAULT_GROUPS = 1000;
const STEP = /\.?([A-Za-z_$][\w$-]*)|\[(\d{1,9})\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** The steps of a JSON path such as `$.a["b c"][0]`; the leading `$` may be left out. */
export function parseJsonPath(path: unknown): JsonPath {
  const invalid = () =>
    new TelepoolError(
      "INVALID_ARGUMENT",
      'metric must be a JSON path such as $.latency, parse.medianMs or $.runs[0]["wall time"]',
      {
        field: "metric",
      },
    );
  if (typeof path !== "string" || path.length > 1000 || path.includes("\0") || !path.isWellFormed()) throw invalid();
  const steps: (string | number)[] = [];
  let position = path.startsWith("$") ? 1 : 0;
  while (position < path.length) {
    STEP.lastIndex = position;
    const match = STEP.exec(path);
    if (match === null) throw invalid();
    const [, name, index, quoted] = match;
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else {
      const key = parseQuoted(quoted);
      if (key === undefined) throw invalid();
      steps.push(key);
    }
    position = STEP.lastIndex;
  }
  if (steps.length === 0) throw invalid();
  return steps;
}

/** The key that stands between quotes, as in JSON; undefined when it is no JSON text, or none that can be stored. */
function parseQuoted(inside: string | undefined): string | undefined {
  try {
    const key: unknown = JSON.parse(`"${inside}"`);
    return typeof key === "string" && !key.includes("\0") && key.isWellFormed() ? key : undefined;
  } catch {
    return undefined;
  }
}

function parseGroupBy(groupBy: GroupBy | undefined): GroupBy | undefined {
  if (groupBy === undefined || groupBy === "member" || groupBy === "session" || groupBy === "document") return groupBy;
  if (typeof groupBy === "object" && groupBy !== null && Number.isSafeInteger(groupBy.bucketMs) && groupBy.bucketMs > 0)
    return groupBy;
  throw new TelepoolError(
    "INVALID_ARGUMENT",
    "groupBy must be member, session, document or {bucketMs: a whole number over 0}",
    {
      field: "groupBy",
    },
  );
}

function parseLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_GROUPS) return limit;
  throw new TelepoolError("INVALID_ARGUMENT", `limit must be a whole number from 1 to ${MAX_GROUPS}`, {
    field: "limit",
  });
}

/** The group expression of a request, as SQL. */
function groupExpression(groupBy: GroupBy | undefined): RawBuilder<string | number | null> {
  if (groupBy === undefined) return sql`null`;
  if (typeof groupBy === "string") return sql`${sql.ref(groupBy)}`;
  return sql`${sql.ref("timestamp")} - ${sql.ref("timestamp")} % ${sql.lit(groupBy.bucketMs)}`;
}

type Profiles<O> = SelectQueryBuilder<TelemetryTables, "profiles", O>;

/** Narrows a query over profiles by the conditions of a filter. */
export function whereProfiles<O>(query: Profiles<O>, filter: ProfileFilter): Profiles<O> {
  let narrowed = query;
  for (const column of ["member", "session", "document"] as const) {
    const value = filter[column];
    if (value !== undefined) narrowed = narrowed.where(column, "=", value);
  }
  if (filter.from !== undefined) narrowed = narrowed.where("timestamp", ">=", filter.from);
  if (filter.to !== undefined) narrowed = narrowed.where("timestamp", "<", filter.to);
  return narrowed;
}

/** The nearest-rank percentile over rows that carry their rank and the size of their group. */
function percentile(percent: number): RawBuilder<number> {
  const p = sql.lit(percent);
  return sql<number>`min(case when ${sql.ref("ranked")} * 100 >= ${sql.ref("total")} * ${p} then ${sql.ref("x")} end)`;
}

/** Computes the statistics; groups come in ascending order of their key. */
export async function aggregateProfiles(
  db: Kysely<TelemetryTables>,
  dialect: SqlDialect,
  request: AggregateRequest,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<AggregateGroup[]> {
  checkKeys(request, REQUEST_KEYS, "aggregate");
  const { metric, groupBy, limit, ...filter } = request;
  const path = parseJsonPath(metric);
  const group = groupExpression(parseGroupBy(groupBy));
  const conditions = parseFilter(filter, PROFILE_FILTER_KEYS);
  const values = whereProfiles(
    db.selectFrom("profiles").select([group.as("grp"), dialect.jsonNumber("profile", path).as("x")]),
    conditions,
  );
  const query = db
    .with("numbers", () => values)
    .with("positions", (cte) =>
      cte
        .selectFrom("numbers")
        .where("x", "is not", null)
        .select([
          "grp",
          sql<number>`x`.as("x"),
          sql<number>`row_number() over (partition by grp order by x)`.as("ranked"),
          sql<number>`count(*) over (partition by grp)`.as("total"),
        ]),
    )
    .selectFrom("positions")
    .groupBy("grp")
    .orderBy("grp")
    .limit(limit === undefined ? DEFAULT_GROUPS + 1 : parseLimit(limit))
    .select([
      "grp as group",
      sql<number>`count(*)`.as("count"),
      sql<number>`min(x)`.as("min"),
      sql<number>`max(x)`.as("max"),
      sql<number>`avg(x)`.as("mean"),
      percentile(50).as("p50"),
      percentile(95).as("p95"),
      percentile(99).as("p99"),
    ]);
  const groups = await query.execute(options);
  if (limit === undefined && groups.length > DEFAULT_GROUPS) {
    const message = `there are more than ${DEFAULT_GROUPS} groups; narrow the filter, widen the groups, or give a limit`;
    throw new TelepoolError("INVALID_ARGUMENT", message, { field: "limit" });
  }
  return groups;
}

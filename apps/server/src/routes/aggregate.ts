/** Statistics over a number inside the profiles. */
import { type GroupBy, TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { askStore } from "../http/ask-store.ts";
import { Gate } from "../http/gate.ts";
import { query } from "../http/query.ts";
import { oneOf, optional, profileEntries, whole } from "../http/query-schemas.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

const aggregateQuery = v.strictObject({
  metric: v.pipe(v.string("must be a text"), v.maxLength(1000, "must have at most 1000 characters")),
  group_by: optional(oneOf(["member", "session", "document", "time"])),
  bucket_ms: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  limit: optional(whole(1, 10_000)),
  ...profileEntries,
});

export function aggregateRoutes({ store, limits }: RouteDeps, access: Access): Hono {
  const aggregates = new Gate("aggregates", limits.maxLongQueries);
  return new Hono().get(
    "/api/aggregate",
    describe({
      scope: "read",
      tag: "Profiles",
      summary: "Count, min, max, mean, p50, p95 and p99 of a number inside the profiles, for all or for each group",
      answers: { 200: shapes.aggregateAnswer },
      errors: [503],
    }),
    access.allow("read"),
    query(aggregateQuery),
    async (c) => {
      const { group_by, bucket_ms, ...request } = c.req.valid("query");
      const groupBy = grouping(group_by, bucket_ms);
      using _ = aggregates.enter();
      const groups = await askStore(c, limits.queryTimeoutMs, (options) =>
        store.aggregate(groupBy === undefined ? request : { ...request, groupBy }, options),
      );
      return c.json({ groups });
    },
  );
}

function grouping(by: "member" | "session" | "document" | "time" | undefined, bucketMs?: number): GroupBy | undefined {
  if (by === "time") {
    if (bucketMs !== undefined) return { bucketMs };
    throw invalid("bucket_ms is missing; group_by=time wants the width of a group in milliseconds");
  }
  if (bucketMs !== undefined) throw invalid("bucket_ms goes with group_by=time only");
  return by;
}

function invalid(text: string): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", text, { field: "bucket_ms" });
}

/** The counters of the store. */
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { noParameters, query } from "../http/query.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

export function poolStatsRoutes({ store }: RouteDeps, access: Access): Hono {
  return new Hono().get(
    "/pool-stats",
    describe({
      scope: "read",
      tag: "Store",
      summary: "The counters of the pool, the queues and the operations; durations in milliseconds",
      answers: { 200: shapes.statsAnswer },
    }),
    access.allow("read"),
    query(noParameters),
    (c) => c.json(store.stats()),
  );
}

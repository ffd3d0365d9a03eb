/** The counters of the store. */
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { noParameters, query } from "../http/query.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";
import { statusInSettingWords } from "../sync/setting-words.ts";

export function poolStatsRoutes({ store, settingWords }: RouteDeps, access: Access): Hono {
  return new Hono().get(
    "/pool-stats",
    describe({
      scope: "read",
      tag: "Store",
      summary:
        "The counters of the pool, the queues and the operations, and how the copy stands; durations in milliseconds",
      answers: { 200: shapes.statsAnswer },
    }),
    access.allow("read"),
    query(noParameters),
    (c) => {
      const { sync, ...counters } = store.stats();
      if (sync === undefined) return c.json(counters);
      return c.json({ ...counters, sync: statusInSettingWords(sync, settingWords) });
    },
  );
}

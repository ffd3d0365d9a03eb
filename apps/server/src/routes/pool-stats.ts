/** The counters of the store. */
import { Hono } from "hono";
import type { AppDeps } from "../app-deps.ts";

export function poolStatsRoutes({ store }: AppDeps): Hono {
  return new Hono().get("/pool-stats", (c) => c.json(store.stats()));
}

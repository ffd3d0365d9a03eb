/** How the server is: for people at `/`, for a process supervisor at `/healthz`, for a load balancer at `/readyz`. */
import { TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import type { AppDeps } from "../app-deps.ts";

/** The programming interface's name and version, as its users know them. */
const API = { name: "Pool Telemetry API", version: "3.20" } as const;

const ENDPOINTS = [
  "GET /",
  "GET /pool-stats",
  "GET /pool-query?member=<name or *>&limit=&cursor=",
  "POST /api/profiles",
  "GET /healthz",
  "GET /readyz",
] as const;

export function statusRoutes({ store, isDraining }: AppDeps): Hono {
  return new Hono()
    .get("/", async (c) => {
      const health = await store.health();
      const status = health.ok ? "ok" : "unavailable";
      return c.json({ ...API, status, endpoints: ENDPOINTS, driver: health.ok ? health.driver : null });
    })
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .get("/readyz", async (c) => {
      if (isDraining?.()) throw new TelepoolError("POOL_CLOSED", "the server is shutting down");
      const health = await store.health();
      if (!health.ok) throw new TelepoolError("CONNECT_FAILED", health.error.message);
      return c.json({ status: "ready" });
    });
}

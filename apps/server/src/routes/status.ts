/** How the server is: for people at `/`, for a process supervisor at `/healthz`, for a load balancer at `/readyz`. */
import { TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import { accepts } from "hono/accepts";
import type { RouteDeps } from "../app-deps.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";
import { pageResponse } from "../pages/page-response.ts";

/** The programming interface's name and version, as its users know them. */
const API = { name: "Pool Telemetry API", version: "3.20" } as const;

/** How long the database may take to say that it is there. */
const HEALTH_TIMEOUT_MS = 2000;

/** @param endpoints every method and path, once all are known */
export function statusRoutes({ store, draining }: RouteDeps, endpoints: () => readonly string[]): Hono {
  return new Hono()
    .get(
      "/",
      describe({ tag: "Server", summary: "The status; a page for a browser", answers: { 200: shapes.statusAnswer } }),
      async (c) => {
        c.header("vary", "accept");
        const wanted = accepts(c, {
          header: "Accept",
          supports: ["application/json", "text/html"],
          default: "application/json",
        });
        if (wanted === "text/html") return await pageResponse(c, "status.html");
        const health = await store.health({ signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
        const status = health.ok ? "ok" : "unavailable";
        return c.json({ ...API, status, endpoints: endpoints(), driver: health.ok ? health.driver : null });
      },
    )
    .get(
      "/healthz",
      describe({ tag: "Server", summary: "Whether the process is alive", answers: { 200: shapes.stateAnswer } }),
      (c) => c.json({ status: "ok" }),
    )
    .get(
      "/readyz",
      describe({
        tag: "Server",
        summary: "Whether requests can be served, which a copy that fails does not hinder",
        answers: { 200: shapes.readyAnswer },
        errors: [503],
      }),
      async (c) => {
        if (draining.aborted) throw new TelepoolError("POOL_CLOSED", "the server is shutting down");
        const health = await store.health({ signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
        if (!health.ok) throw new TelepoolError("CONNECT_FAILED", health.error.message);
        const { sync } = store.stats();
        if (sync === undefined) return c.json({ status: "ready" });
        return c.json({ status: "ready", sync: { state: sync.state, error: sync.lastError?.code ?? null } });
      },
    );
}

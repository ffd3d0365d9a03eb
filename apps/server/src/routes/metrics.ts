/** The metrics of the store and of the server, for Prometheus. */
import type { MetricFamily } from "@telepool/core";
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import { prometheusText } from "../observability/prometheus-text.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

/** @param families what there is to show now */
export function metricsRoutes(access: Access, families: () => readonly MetricFamily[]): Hono {
  return new Hono().get(
    "/metrics",
    describe({ scope: "read", tag: "Server", summary: "Metrics for Prometheus", answers: { 200: shapes.metricsText } }),
    access.allow("read"),
    (c) => c.body(prometheusText(families()), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
}

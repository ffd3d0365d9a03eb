/**
 * Takes in what OpenTelemetry sends, by OTLP over HTTP: spans become profiles, log records and data points of metrics
 * become events. docs/opentelemetry.md says what becomes what.
 *
 * What reads and maps is loaded with the first request: a server that gets none does not pay for it.
 */
import { Hono } from "hono";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { readWhole } from "../body/whole-body.ts";
import { describeSignal } from "./describe-signal.ts";
import { exportResponse, failureResponse, otlpType } from "./otlp-answer.ts";
import { SIGNALS } from "./signals.ts";

/** The routes of OTLP over HTTP; they answer errors themselves, in the way of OTLP. */
export function otlpRoutes(deps: RouteDeps, access: Access): Hono {
  const routes = new Hono();
  for (const signal of SIGNALS) {
    routes.post(signal.path, describeSignal(signal), access.allow("ingest"), async (c) => {
      const type = otlpType(c.req.raw.headers);
      using share = deps.budget.share(); // until its last row is stored
      const body = await readWhole(c, deps.limits, share);
      const { takeIn } = await import("./take-in.ts");
      const { outcome, warning } = await takeIn(c, { body, type, signal }, deps);
      return await exportResponse(c, type, signal, outcome, warning);
    });
  }
  routes.onError((error, c) => failureResponse(c, error, deps.log));
  return routes;
}

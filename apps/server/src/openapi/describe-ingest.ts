/** What `/openapi.json` says about the routes that take rows in: the same for either kind, but for the row. */
import type { MiddlewareHandler } from "hono";
import type * as v from "valibot";
import { describe } from "./describe.ts";
import { ingestAnswer, rowsBody } from "./shapes.ts";

/** Describes the route that it is put into; it does nothing else. */
export function describeIngest(tag: "Profiles" | "Events", row: v.GenericSchema): MiddlewareHandler {
  const one = tag === "Profiles" ? "profile" : "event";
  return describe({
    scope: "ingest",
    tag,
    summary: `Store one ${one}, a list of them, or any number as lines of JSON`,
    body: rowsBody(row),
    answers: { 201: ingestAnswer, 200: ingestAnswer },
    errors: [413, 415, 422, 503, 507],
  });
}

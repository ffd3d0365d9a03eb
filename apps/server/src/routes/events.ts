/** Events: taken in and listed. */
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { askStore } from "../http/ask-store.ts";
import { query } from "../http/query.ts";
import { eventEntries, eventFilter, pageEntries } from "../http/query-schemas.ts";
import { ingestHandler } from "../ingest/ingest.ts";
import { eventSink } from "../ingest/row-sink.ts";
import { boundedPage, pageResponse } from "../lists/bounded-page.ts";
import { eventJson, rowKey } from "../lists/row-json.ts";
import { describe } from "../openapi/describe.ts";
import { describeIngest } from "../openapi/describe-ingest.ts";
import * as shapes from "../openapi/shapes.ts";

const listQuery = v.strictObject({ ...eventEntries, ...pageEntries });

export function eventRoutes(deps: RouteDeps, access: Access): Hono {
  const { store, limits } = deps;
  return new Hono()
    .post(
      "/api/events",
      describeIngest("Events", shapes.eventInput),
      access.allow("ingest"),
      ingestHandler(eventSink(store), deps),
    )
    .get(
      "/api/events",
      describe({
        scope: "read",
        tag: "Events",
        summary: "List events, newest first",
        answers: { 200: shapes.pageOf(shapes.event) },
        errors: [503],
      }),
      access.allow("read"),
      query(listQuery),
      async (c) => {
        const { limit, cursor, ...filter } = c.req.valid("query");
        const page = await askStore(c, limits.queryTimeoutMs, (options) =>
          boundedPage(
            { limit, cursor },
            {
              read: (request) => store.queryEvents(eventFilter(filter), request, options),
              keyOf: rowKey,
              toJson: eventJson,
            },
          ),
        );
        return pageResponse(c, page);
      },
    );
}

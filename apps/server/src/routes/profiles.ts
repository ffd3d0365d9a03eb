/** Profiles: taken in, listed, found by their id, and removed by their age. */
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { askStore } from "../http/ask-store.ts";
import { holdConnection } from "../http/hold-connection.ts";
import { HttpError } from "../http/http-error.ts";
import { noParameters, query } from "../http/query.ts";
import { pageEntries, profileEntries, time } from "../http/query-schemas.ts";
import { ingestHandler } from "../ingest/ingest.ts";
import { profileSink } from "../ingest/row-sink.ts";
import { boundedPage, pageResponse } from "../lists/bounded-page.ts";
import { rowKey } from "../lists/row-json.ts";
import { timingOf } from "../observability/server-timing.ts";
import { describe } from "../openapi/describe.ts";
import { describeIngest } from "../openapi/describe-ingest.ts";
import * as shapes from "../openapi/shapes.ts";

const listQuery = v.strictObject({ ...profileEntries, ...pageEntries });
const pruneQuery = v.strictObject({ before: time });

export function profileRoutes(deps: RouteDeps, access: Access): Hono {
  const { store, limits } = deps;
  return new Hono()
    .post(
      "/api/profiles",
      describeIngest("Profiles", shapes.profileInput),
      access.allow("ingest"),
      ingestHandler(profileSink(store), deps),
    )
    .get(
      "/api/profiles",
      describe({
        scope: "read",
        tag: "Profiles",
        summary: "List profiles, newest first",
        answers: { 200: shapes.pageOf(shapes.profile) },
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
              read: (request) => store.queryProfiles(filter, request, options),
              keyOf: rowKey,
              toJson: (profile) => profile,
            },
          ),
        );
        return pageResponse(c, page);
      },
    )
    .delete(
      "/api/profiles",
      describe({
        scope: "admin",
        tag: "Profiles",
        summary: "Remove the profiles from before a moment",
        answers: { 200: shapes.pruneAnswer },
        errors: [503],
      }),
      access.allow("admin"),
      query(pruneQuery),
      async (c) => {
        const { before } = c.req.valid("query");
        const release = holdConnection(c);
        const { signal } = c.req.raw; // who gives up waiting ends it: what was removed by then stays removed
        try {
          const { profiles, sessions } = await store.prune({ before, only: "profiles", signal, timing: timingOf(c) });
          return c.json({ profiles, sessions });
        } finally {
          release(limits.requestTimeoutS);
        }
      },
    )
    .get(
      "/api/profiles/:id",
      describe({
        scope: "read",
        tag: "Profiles",
        summary: "Get one profile",
        answers: { 200: shapes.profile },
        errors: [404, 503],
      }),
      access.allow("read"),
      query(noParameters),
      async (c) => {
        const { id } = c.req.param();
        const profile = await askStore(c, limits.queryTimeoutMs, (options) => store.getProfile(id, options));
        if (profile === undefined) throw new HttpError(404, "NOT_FOUND", "there is no profile with this id");
        return c.json(profile);
      },
    );
}

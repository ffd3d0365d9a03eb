/** Sessions: listed, and found by their id. */
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { askStore } from "../http/ask-store.ts";
import { HttpError } from "../http/http-error.ts";
import { noParameters, query } from "../http/query.ts";
import { name, optional, pageEntries } from "../http/query-schemas.ts";
import { boundedPage, pageResponse } from "../lists/bounded-page.ts";
import { sessionJson, sessionKey } from "../lists/row-json.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

const listQuery = v.strictObject({ member: optional(name), ...pageEntries });

export function sessionRoutes({ store, limits }: RouteDeps, access: Access): Hono {
  return new Hono()
    .get(
      "/api/sessions",
      describe({
        scope: "read",
        tag: "Sessions",
        summary: "List sessions, those that began last first",
        answers: { 200: shapes.pageOf(shapes.session) },
        errors: [503],
      }),
      access.allow("read"),
      query(listQuery),
      async (c) => {
        const { member = "*", ...request } = c.req.valid("query");
        const page = await askStore(c, limits.queryTimeoutMs, (options) =>
          boundedPage(request, {
            read: (step) => store.querySessions(member, step, options),
            keyOf: sessionKey,
            toJson: sessionJson,
          }),
        );
        return pageResponse(c, page);
      },
    )
    .get(
      "/api/sessions/:id",
      describe({
        scope: "read",
        tag: "Sessions",
        summary: "Get one session",
        answers: { 200: shapes.session },
        errors: [404, 503],
      }),
      access.allow("read"),
      query(noParameters),
      async (c) => {
        const { id } = c.req.param();
        const session = await askStore(c, limits.queryTimeoutMs, (options) => store.getSession(id, options));
        if (session === undefined) throw new HttpError(404, "NOT_FOUND", "there is no session with this id");
        return c.json(sessionJson(session));
      },
    );
}

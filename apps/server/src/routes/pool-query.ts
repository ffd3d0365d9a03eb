/** The first version's query: a member's sessions with their newest profiles. */
import type { PageRequest, ReadOptions, Session } from "@telepool/core";
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { AppStore, RouteDeps } from "../app-deps.ts";
import { askStore } from "../http/ask-store.ts";
import { query } from "../http/query.ts";
import { name, optional, pageEntries, whole } from "../http/query-schemas.ts";
import { boundedPage } from "../lists/bounded-page.ts";
import { rowKey, sessionJson, sessionKey } from "../lists/row-json.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

const MAX_PROFILES = 100;
const DEFAULT_PROFILES = 10;
/** How long the profiles of one session may be together, in UTF-16 units. */
const MAX_PROFILES_LENGTH = 1024 * 1024;

const poolQuery = v.strictObject({
  member: name,
  profiles: optional(whole(0, MAX_PROFILES)),
  ...pageEntries,
});

export function poolQueryRoutes({ store, limits }: RouteDeps, access: Access): Hono {
  return new Hono().get(
    "/pool-query",
    describe({
      scope: "read",
      tag: "Store",
      summary: "A member's sessions, or all for *, each with its newest profiles",
      answers: { 200: shapes.poolQueryAnswer },
      errors: [503],
    }),
    access.allow("read"),
    query(poolQuery),
    async (c) => {
      const { member, profiles = DEFAULT_PROFILES, ...request } = c.req.valid("query");
      const { items, nextCursor } = await askStore(c, limits.queryTimeoutMs, (options) =>
        boundedPage(request, {
          firstItems: 5,
          read: async (step) => {
            const page = await store.querySessions(member, step, options);
            const items: SessionWithProfiles[] = [];
            // One by one: side by side, the profiles of many sessions would be in memory before any is known to be large.
            for (const session of page.items) items.push(await withProfiles(store, session, profiles, options));
            return { ...page, items };
          },
          keyOf: ({ session }) => sessionKey(session),
          toJson: ({ json }) => json,
        }),
      );
      const body = `{"member":${JSON.stringify(member)},"sessions":[${items.join(",")}],"next_cursor":${JSON.stringify(nextCursor)}}`;
      return c.body(body, 200, { "content-type": "application/json" });
    },
  );
}

interface SessionWithProfiles {
  readonly session: Session;
  readonly json: object;
}

/** A session with its newest profiles, as JSON. */
async function withProfiles(
  store: AppStore,
  session: Session,
  limit: number,
  options: ReadOptions,
): Promise<SessionWithProfiles> {
  const read = (page: PageRequest) => store.queryProfiles({ session: session.id }, page, options);
  const found =
    limit === 0
      ? []
      : (
          await boundedPage(
            { limit },
            { read, keyOf: rowKey, toJson: (profile) => profile, maxLength: MAX_PROFILES_LENGTH, firstItems: 2 },
          )
        ).items;
  return { session, json: { ...sessionJson(session), profiles: found.map((text) => JSON.parse(text)) } };
}

/** The sessions of a member, page by page. */
import { type Session, TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import type { AppDeps } from "../app-deps.ts";
import { readParameters } from "../query-parameters.ts";

export function poolQueryRoutes({ store }: AppDeps): Hono {
  return new Hono().get("/pool-query", async (c) => {
    const { member, limit, cursor } = readParameters(c, ["member", "limit", "cursor"]);
    if (member === undefined) {
      throw new TelepoolError("INVALID_ARGUMENT", "member is missing; give a name, or * for all", { field: "member" });
    }
    const page = await store.querySessions(member, {
      ...(limit === undefined ? {} : { limit: /^\d+$/.test(limit) ? Number(limit) : Number.NaN }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    return c.json({ member, sessions: page.items.map(sessionJson), next_cursor: page.nextCursor });
  });
}

/** As `telepool query --json` prints it; the command line has its own, so that it need not load the server. */
function sessionJson(session: Session): Record<string, unknown> {
  return {
    id: session.id,
    member: session.member,
    created_at: session.createdAt,
    last_activity: session.lastActivity,
    profile_count: session.profileCount,
  };
}

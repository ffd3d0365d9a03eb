/** The live tail: rows as they are stored through this server. */
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { RouteDeps } from "../app-deps.ts";
import { Gate } from "../http/gate.ts";
import { holdForStream } from "../http/hold-connection.ts";
import { query } from "../http/query.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";
import type { TailFeed } from "../tail/tail-feed.ts";
import { tailEntries } from "../tail/tail-filter.ts";
import { tailStream } from "../tail/tail-stream.ts";

const tailQuery = v.strictObject(tailEntries);

/** What is followed, and who is told of rows that a reader did not get. */
export interface Tail {
  readonly feed: TailFeed;
  readonly onMissed: (rows: number) => void;
}

export function tailRoutes({ limits, draining }: RouteDeps, access: Access, { feed, onMissed }: Tail): Hono {
  const readers = new Gate("readers of the tail", limits.maxTailReaders);
  return new Hono().get(
    "/api/tail",
    describe({
      scope: "read",
      tag: "Export",
      summary: "Follow what is stored, as server-sent events; Last-Event-ID goes on where a connection broke",
      answers: { 200: shapes.tailEvents },
      errors: [503],
    }),
    access.allow("read"),
    query(tailQuery),
    (c) => {
      const headers = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };
      if (c.req.raw.method === "HEAD") return c.body(null, 200, headers); // its body would never be read
      const slot = readers.enter();
      const setEnd = holdForStream(c);
      const stream = tailStream(feed, {
        filter: c.req.valid("query"),
        lastEventId: c.req.header("last-event-id"),
        signal: AbortSignal.any([c.req.raw.signal, draining]),
        idleMs: limits.idleMs,
        onEnd: (end) => {
          slot[Symbol.dispose]();
          setEnd(end === "done" ? "cut" : end); // it has no end of its own: the server ends
        },
        onMissed,
      });
      return c.body(stream, 200, headers);
    },
  );
}

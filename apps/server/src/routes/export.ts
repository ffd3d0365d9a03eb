/**
 * Everything that meets a filter, as a stream that goes as fast as its reader.
 *
 * The first rows are read before the answer begins, so that what is wrong with the query is told with its status. An
 * export that fails later is cut off, which the reader sees by the missing end of the chunked body.
 */
import { type ReadOptions, TelepoolError } from "@telepool/core";
import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../access/access.ts";
import type { AppStore, RouteDeps } from "../app-deps.ts";
import { Gate } from "../http/gate.ts";
import { holdForStream } from "../http/hold-connection.ts";
import { query } from "../http/query.ts";
import { eventFilter, name, oneOf, optional, profileEntries } from "../http/query-schemas.ts";
import { watchedStream } from "../http/watched-stream.ts";
import { eventExport, profileExport, sessionExport } from "../lists/export-rows.ts";
import { exportText, FORMATS, type Format } from "../lists/export-text.ts";
import { describeError } from "../observability/log.ts";
import { timingOf } from "../observability/server-timing.ts";
import { describe } from "../openapi/describe.ts";
import * as shapes from "../openapi/shapes.ts";

const exportQuery = v.strictObject({
  kind: optional(oneOf(["profiles", "events", "sessions"])),
  format: optional(oneOf(["ndjson", "csv"])),
  event_type: optional(name),
  ...profileEntries,
});

type ExportQuery = v.InferOutput<typeof exportQuery>;

export function exportRoutes({ store, limits, log, draining }: RouteDeps, access: Access): Hono {
  const exports = new Gate("exports", limits.maxLongQueries);
  return new Hono().get(
    "/api/export",
    describe({
      scope: "read",
      tag: "Export",
      summary: "All profiles, events or sessions that meet a filter, as lines of JSON or CSV",
      answers: { 200: shapes.exportText },
      errors: [503],
    }),
    access.allow("read"),
    query(exportQuery),
    async (c) => {
      const parameters = c.req.valid("query");
      const { kind = "profiles", format = "ndjson" } = parameters;
      const gone = new AbortController();
      const signal = AbortSignal.any([gone.signal, c.req.raw.signal, draining]);
      const headers = {
        "content-type": FORMATS[format],
        "content-disposition": `attachment; filename="telepool-${kind}.${format}"`,
      };
      if (c.req.raw.method === "HEAD") return c.body(null, 200, headers); // its body would never be read
      // It objects to the query before a place is taken.
      const pieces = textOf(store, parameters, format, { signal, timing: timingOf(c) });
      const slot = exports.enter();
      const setEnd = holdForStream(c);
      try {
        const first = await pieces.next();
        const body = watchedStream({
          next: afterFirst(first, pieces),
          idleMs: limits.idleMs,
          signal,
          onEnd: (end) => {
            slot[Symbol.dispose]();
            gone.abort();
            setEnd(end);
          },
          onError: (error) => {
            if (c.req.raw.signal.aborted) return; // the reader went away
            log({ level: "warn", message: "an export was cut off", error: describeError(error) });
          },
        });
        return c.body(body, 200, headers);
      } catch (error) {
        slot[Symbol.dispose]();
        setEnd("done");
        throw error;
      }
    },
  );
}

/** The pieces again from the first on, which was read already. */
function afterFirst(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
): () => Promise<string | undefined> {
  let held: IteratorResult<string, void> | undefined = first;
  return async () => {
    const { value } = held ?? (await rest.next());
    held = undefined;
    return value ?? undefined;
  };
}

/** The parameters that each kind understands, beside `kind` and `format`. */
const UNDERSTOOD = {
  profiles: ["member", "session", "document", "from", "to"],
  events: ["event_type", "session", "from", "to"],
  sessions: ["member"],
} as const;

function textOf(
  store: AppStore,
  { kind = "profiles", format: _, event_type, ...filter }: ExportQuery,
  format: Format,
  options: ReadOptions,
): AsyncGenerator<string, void, undefined> {
  const given = Object.keys(event_type === undefined ? filter : { ...filter, event_type });
  const foreign = given.find((key) => !UNDERSTOOD[kind].some((known) => known === key));
  if (foreign !== undefined) {
    const text = `${foreign} does not go with kind=${kind}; there are ${UNDERSTOOD[kind].join(", ")}`;
    throw new TelepoolError("INVALID_ARGUMENT", text, { field: foreign });
  }
  const { member, document, ...rest } = filter;
  switch (kind) {
    case "profiles":
      return exportText(profileExport.rows(store, filter, options), profileExport.columns, format);
    case "events": {
      const narrowed = eventFilter(event_type === undefined ? rest : { ...rest, event_type });
      return exportText(eventExport.rows(store, narrowed, options), eventExport.columns, format);
    }
    case "sessions":
      return exportText(
        sessionExport.rows(store, member === undefined ? {} : { member }, options),
        sessionExport.columns,
        format,
      );
  }
}

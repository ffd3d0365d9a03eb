/**
 * The shapes of bodies and answers, for `/openapi.json`. A row that comes in is checked by the store itself; a test holds
 * that these schemas and the store agree on what is taken.
 */
import { MAX_NAME_LENGTH } from "@telepool/core";
import * as v from "valibot";
import type { Content } from "./describe.ts";

/** A schema with the name that it gets among the document's components. */
function named<S extends v.GenericSchema>(ref: string, schema: S): v.GenericSchema {
  return v.pipe(schema, v.metadata({ ref }));
}

const text = v.string();
const whole = v.pipe(v.number(), v.integer());
const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.description("Milliseconds since 1970"));
const object = v.record(v.string(), v.unknown());
const rowName = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check((value) => [...value].length <= MAX_NAME_LENGTH),
  v.description(`1 to ${MAX_NAME_LENGTH} characters`),
);
const rowObject = v.pipe(
  v.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  v.description("A JSON object"),
);
const ownId = v.exactOptional(v.pipe(rowName, v.description("A new UUIDv7 if absent; an id is stored once")));
const ownTime = v.exactOptional(time);

export const profileInput: v.GenericSchema = named(
  "ProfileInput",
  v.strictObject({
    id: ownId,
    session: rowName,
    member: rowName,
    document: rowName,
    profile: rowObject,
    timestamp: ownTime,
  }),
);

export const eventInput: v.GenericSchema = named(
  "EventInput",
  v.strictObject({
    id: ownId,
    event_type: rowName,
    data: v.exactOptional(rowObject),
    session: v.exactOptional(v.nullable(rowName)),
    timestamp: ownTime,
  }),
);

const profileSchema = named(
  "Profile",
  v.object({ id: text, session: text, member: text, document: text, timestamp: time, profile: object }),
);
const eventSchema = named(
  "Event",
  v.object({ id: text, event_type: text, data: object, session: v.nullable(text), timestamp: time }),
);
const sessionEntries = { id: text, member: text, created_at: time, last_activity: time, profile_count: whole };
const sessionSchema = named("Session", v.object(sessionEntries));

/** The body of an answer that is not a success. */
export const problem: v.GenericSchema = named(
  "Problem",
  v.object({
    type: text,
    title: text,
    status: whole,
    detail: text,
    code: text,
    field: v.exactOptional(text),
    request_id: text,
  }),
);

function json(description: string, schema: v.GenericSchema): Content {
  return { description, content: { "application/json": schema } };
}

export const profile: Content = json("The profile", profileSchema);
export const event: Content = json("The event", eventSchema);
export const session: Content = json("The session", sessionSchema);

/** A page of what `item` is. */
export function pageOf(item: Content): Content {
  const schema = item.content["application/json"] ?? object;
  return json("A page", v.object({ items: v.array(schema), next_cursor: v.nullable(text) }));
}

/** Rows in any of the three forms. */
export function rowsBody(row: v.GenericSchema): Content {
  return {
    description: "One row, a list of rows, or rows as lines of JSON of any length",
    content: { "application/json": v.union([row, v.array(row)]), "application/x-ndjson": undefined },
  };
}

const lineError = v.object({ line: whole, code: text, detail: text, field: v.exactOptional(text) });

export const ingestAnswer: Content = json(
  "What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected",
  v.union([
    named("StoredRow", v.object({ id: text, duplicate: v.boolean() })),
    named(
      "StoredList",
      v.object({
        accepted: whole,
        duplicate: whole,
        rejected: whole,
        ids: v.array(text),
        duplicates: v.array(text),
      }),
    ),
    named(
      "StoredLines",
      v.object({
        accepted: whole,
        duplicate: whole,
        rejected: whole,
        errors: v.array(lineError),
        errors_omitted: v.exactOptional(whole),
      }),
    ),
  ]),
);

export const pruneAnswer: Content = json("How many were removed", v.object({ profiles: whole, sessions: whole }));

export const aggregateAnswer: Content = json(
  "The groups in ascending order",
  v.object({
    groups: v.array(
      named(
        "AggregateGroup",
        v.object({
          group: v.nullable(v.union([text, whole])),
          count: whole,
          min: v.number(),
          max: v.number(),
          mean: v.number(),
          p50: v.number(),
          p95: v.number(),
          p99: v.number(),
        }),
      ),
    ),
  }),
);

export const poolQueryAnswer: Content = json(
  "The sessions",
  v.object({
    member: text,
    sessions: v.array(v.object({ ...sessionEntries, profiles: v.array(profileSchema) })),
    next_cursor: v.nullable(text),
  }),
);

export const statsAnswer: Content = json(
  "The counters",
  v.looseObject({
    poolSize: whole,
    maxPoolSize: whole,
    stats: v.object({ hits: whole, misses: whole, totalOperations: whole, avgLatency: v.number() }),
    hitRate: text,
  }),
);

export const statusAnswer: Content = {
  description: "The status; a page for a browser",
  content: {
    "application/json": v.object({
      name: text,
      version: text,
      status: v.picklist(["ok", "unavailable"]),
      endpoints: v.array(text),
      driver: v.nullable(text),
    }),
    "text/html": undefined,
  },
};

export const stateAnswer: Content = json("It is", v.object({ status: text }));

export const exportText: Content = {
  description: "The rows",
  content: { "application/x-ndjson": undefined, "text/csv": undefined },
};

export const tailEvents: Content = {
  description: "Server-sent events: `profile` and `event` with a row as JSON, `missed` with a count",
  content: { "text/event-stream": undefined },
};

export const metricsText: Content = {
  description: "Prometheus text",
  content: { "text/plain": undefined },
};

export const openapiDocument: Content = json("The document", v.looseObject({ openapi: text }));

export const page: Content = { description: "A page", content: { "text/html": undefined } };

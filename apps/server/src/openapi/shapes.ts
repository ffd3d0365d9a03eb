/**
 * The shapes of bodies and answers, for `/openapi.json`. A row that comes in is checked by the store itself; tests hold
 * that these schemas and the store agree on what is taken, and that real answers are as they are told here.
 */
import { MAX_NAME_LENGTH } from "@telepool/core";
import * as v from "valibot";
import type { Content } from "./describe.ts";
import { eventExample, metricsExample, profileExample, rowExamples, sessionExample, tailExample } from "./examples.ts";
import { lineError } from "./problems.ts";
import { storeStats } from "./stats-shape.ts";
import { readyState, syncResult, syncUnderWay as syncState } from "./sync-shape.ts";
import { amount, named, object, text, time, whole } from "./values.ts";

/** JSON Schema counts characters as core does; valibot would count UTF-16 units. */
const rowName = v.pipe(
  v.string(),
  v.nonEmpty(),
  v.check((value) => value.length <= MAX_NAME_LENGTH || [...value].length <= MAX_NAME_LENGTH),
  v.check((value) => !value.includes("\0") && value.isWellFormed()),
  v.metadata({ maxLength: MAX_NAME_LENGTH }),
  v.description(`1 to ${MAX_NAME_LENGTH} characters, none of them NUL`),
);
const ownId = v.exactOptional(v.pipe(rowName, v.description("A new UUIDv7 if absent; an id is stored once")));
const ownTime = v.exactOptional(v.pipe(time, v.description("Milliseconds since 1970; now if absent")));

export const profileInput: v.GenericSchema = named(
  "ProfileInput",
  v.strictObject({
    id: ownId,
    session: rowName,
    member: rowName,
    document: rowName,
    profile: v.pipe(object, v.description("Any JSON object")),
    timestamp: ownTime,
  }),
  { description: "A profile to be stored", examples: [profileExample] },
);

export const eventInput: v.GenericSchema = named(
  "EventInput",
  v.strictObject({
    id: ownId,
    event_type: rowName,
    data: v.exactOptional(v.nullable(v.pipe(object, v.description("Any JSON object; {} if absent")))),
    session: v.exactOptional(v.nullable(rowName)),
    timestamp: ownTime,
  }),
  { description: "An event to be stored", examples: [eventExample] },
);

const profileSchema = named(
  "Profile",
  v.object({ id: text, session: text, member: text, document: text, timestamp: time, profile: object }),
  { examples: [profileExample] },
);
const eventSchema = named(
  "Event",
  v.object({ id: text, event_type: text, data: object, session: v.nullable(text), timestamp: time }),
  { examples: [eventExample] },
);
const sessionEntries = { id: text, member: text, created_at: time, last_activity: time, profile_count: whole };
const sessionSchema = named("Session", v.object(sessionEntries), { examples: [sessionExample] });

/** What a list holds. */
interface Row extends Content {
  readonly name: string;
  readonly schema: v.GenericSchema;
}

function json(description: string, schema: v.GenericSchema): Content {
  return { description, content: { "application/json": schema } };
}

export const profile: Row = { ...json("The profile", profileSchema), name: "Profile", schema: profileSchema };
export const event: Row = { ...json("The event", eventSchema), name: "Event", schema: eventSchema };
export const session: Row = { ...json("The session", sessionSchema), name: "Session", schema: sessionSchema };

const nextCursor = v.pipe(v.nullable(text), v.description("The `cursor` of the next page; null on the last one"));

/** A page of a list. */
export function pageOf({ name, schema }: Row): Content {
  return json("A page", named(`${name}Page`, v.object({ items: v.array(schema), next_cursor: nextCursor })));
}

/** Rows in any of the three forms. */
export function rowsBody(row: v.GenericSchema): Content {
  return {
    description: "One row, a list of rows, or rows as lines of JSON of any number",
    content: { "application/json": v.union([row, v.array(row)]), "application/x-ndjson": undefined },
    examples: rowExamples(row === eventInput ? eventExample : profileExample),
  };
}

const counts = {
  accepted: v.pipe(whole, v.description("Rows that were stored")),
  duplicate: v.pipe(whole, v.description("Rows whose id was stored before; they changed nothing")),
  rejected: v.pipe(whole, v.description("Rows that were refused")),
};

export const ingestAnswer: Content = json(
  "What became of the rows: of one row its id; of a list the ids too; of lines each one that was rejected",
  v.union([
    named("StoredRow", v.object({ id: text, duplicate: v.boolean() })),
    named("StoredList", v.object({ ...counts, ids: v.array(text), duplicates: v.array(text) })),
    named("StoredLines", v.object({ ...counts, errors: v.array(lineError), errors_omitted: v.exactOptional(whole) })),
  ]),
);

export const pruneAnswer: Content = json(
  "How many were removed",
  named("Pruned", v.object({ profiles: whole, sessions: whole })),
);

const aggregateGroup = named(
  "AggregateGroup",
  v.object({
    group: v.pipe(
      v.nullable(v.union([text, whole])),
      v.description("The column's value, or where the span of time begins; null when nothing was grouped"),
    ),
    count: whole,
    min: amount,
    max: amount,
    mean: amount,
    p50: amount,
    p95: amount,
    p99: amount,
  }),
);

export const aggregateAnswer: Content = json(
  "The groups in ascending order",
  named("Aggregate", v.object({ groups: v.array(aggregateGroup) })),
);

export const poolQueryAnswer: Content = json(
  "The sessions",
  named(
    "PoolQueryPage",
    v.object({
      member: text,
      sessions: v.array(
        named("SessionWithProfiles", v.object({ ...sessionEntries, profiles: v.array(profileSchema) })),
      ),
      next_cursor: nextCursor,
    }),
  ),
);

export const statsAnswer: Content = json("The counters", storeStats);

export const syncAnswer: Content = json("Everything that was stored before the request is in the bucket", syncResult);

export const syncUnderWay: Content = json("The sync goes on", syncState);

export const statusAnswer: Content = {
  description: "The status; a page for a browser",
  content: {
    "application/json": named(
      "Status",
      v.object({
        name: text,
        version: text,
        status: v.picklist(["ok", "unavailable"]),
        endpoints: v.pipe(v.array(text), v.description("Each method and path")),
        driver: v.pipe(v.nullable(text), v.description("The kind of database; null when it cannot be reached")),
      }),
    ),
    "text/html": undefined,
  },
};

export const stateAnswer: Content = json("It is", v.object({ status: text }));

export const readyAnswer: Content = json("They can", readyState);

export const exportText: Content = {
  description: "The rows; where an export fails on its way, the body ends without its last chunk",
  content: { "application/x-ndjson": undefined, "text/csv": undefined },
};

export const tailEvents: Content = {
  description:
    "Server-sent events: `ready` at once, then `profile` and `event` with a row as JSON, and `missed` with the number of rows that went by unseen, null where it is not known",
  content: { "text/event-stream": undefined },
  examples: { "text/event-stream": { tail: { summary: "The beginning of a tail", value: tailExample } } },
};

export const metricsText: Content = {
  description: "Prometheus text",
  content: { "text/plain": undefined },
  examples: { "text/plain": { metrics: { summary: "One of the metrics", value: metricsExample } } },
};

export const openapiDocument: Content = json(
  "The document",
  v.pipe(v.object({ openapi: text }), v.metadata({ additionalProperties: true })),
);

export const page: Content = { description: "A page", content: { "text/html": undefined } };

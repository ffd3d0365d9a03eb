/**
 * The names of the operations, which generated clients turn into methods: once published they stay. And what their
 * parameters mean, whose rules stand with the routes; a test holds that every route has its entry, and every parameter
 * its words.
 */

/** What the document says of a parameter. */
interface ParameterText {
  readonly description: string;
  readonly example?: string | number;
}

/** A header that an operation understands beside those of every request. */
interface HeaderText extends ParameterText {
  readonly enum?: readonly string[];
}

/** What the document says of an operation beside what the route says itself. */
export interface OperationText {
  readonly id: string;
  readonly headers?: Readonly<Record<string, HeaderText>>;
  /** Parameters that mean something else here than elsewhere. */
  readonly parameters?: Readonly<Record<string, ParameterText>>;
}

const CONTENT_ENCODING = { description: "How the body is compressed, if it is", enum: ["gzip", "deflate"] };
const LAST_EVENT_ID = { description: "The id of the last message that was seen: what came after it is sent first" };

/** By method and path. */
export const OPERATIONS: Readonly<Record<string, OperationText>> = {
  "POST /api/profiles": { id: "storeProfiles", headers: { "content-encoding": CONTENT_ENCODING } },
  "GET /api/profiles": { id: "listProfiles" },
  "DELETE /api/profiles": { id: "pruneProfiles" },
  "GET /api/profiles/{id}": { id: "getProfile" },
  "GET /api/aggregate": {
    id: "aggregateProfiles",
    parameters: { limit: { description: "The most groups; without it more than 1000 are an error", example: 100 } },
  },
  "GET /api/sessions": { id: "listSessions" },
  "GET /api/sessions/{id}": { id: "getSession" },
  "POST /api/events": { id: "storeEvents", headers: { "content-encoding": CONTENT_ENCODING } },
  "GET /api/events": { id: "listEvents" },
  "GET /api/export": { id: "exportRows" },
  "GET /api/tail": { id: "followTail", headers: { "last-event-id": LAST_EVENT_ID } },
  "GET /pool-stats": { id: "getPoolStats" },
  "GET /pool-query": {
    id: "queryPool",
    parameters: { member: { description: "Whose sessions; all for *", example: "nolarose" } },
  },
  "GET /pool-sync": { id: "getPoolSync" },
  "POST /pool-sync": { id: "startPoolSync" },
  "POST /v1/traces": { id: "storeTraces", headers: { "content-encoding": CONTENT_ENCODING } },
  "POST /v1/logs": { id: "storeLogs", headers: { "content-encoding": CONTENT_ENCODING } },
  "POST /v1/metrics": { id: "storeMetrics", headers: { "content-encoding": CONTENT_ENCODING } },
  "GET /": { id: "getStatus" },
  "GET /healthz": { id: "getLiveness" },
  "GET /readyz": { id: "getReadiness" },
  "GET /metrics": { id: "getMetrics" },
  "GET /openapi.json": { id: "getOpenapi" },
  "GET /docs": { id: "getDocs" },
};

/** Parameters mean the same wherever they are, but for what an operation says of its own. */
export const PARAMETERS: Readonly<Record<string, ParameterText>> = {
  before: { description: "What is from before this moment goes", example: "2026-11-01" },
  bucket_ms: { description: "With group_by=time, the width of a group in milliseconds", example: 3_600_000 },
  cursor: { description: "The `next_cursor` of the page before" },
  document: { description: "Only of this document", example: "lexer.md" },
  event_type: { description: "Only of this type", example: "benchmark_finished" },
  format: { description: "Lines of JSON (ndjson, the default) or CSV" },
  from: { description: "From this moment on: milliseconds since 1970, or a date", example: "2026-11-24T18:30:00Z" },
  group_by: { description: "One group for each value; a single one if absent" },
  id: { description: "The row's id", example: "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f" },
  kind: { description: "Which rows" },
  limit: { description: "The most items on the page; 50 if absent", example: 100 },
  member: { description: "Only of this member", example: "nolarose" },
  metric: { description: "Where the number is inside the profile, as a JSON path", example: "$.parseMs" },
  profiles: { description: "How many of its newest profiles each session shows; 10 if absent", example: 3 },
  session: { description: "Only of this session", example: "nightly-2026-11-24" },
  to: { description: "Up to this moment, which is not included", example: 1_795_545_000_000 },
  wait: { description: "How many seconds to wait for the end; 10 if absent", example: 30 },
};

/**
 * One row in one line of the log: its kind, then its columns under the names of the API, its JSON last and as it is stored, so
 * that no number in it is rounded and no text of it is parsed on the way.
 */
import { TelepoolError } from "@telepool/core";
import type { RawRow, SessionState, TableName } from "@telepool/core/sync";

/** What the rows of each table are called in a line. */
const KINDS = { profiles: "profile", analytics: "event", sessions: "session" } as const satisfies Record<
  TableName,
  string
>;

/** A line that has been read. */
export type LogEntry =
  | { readonly table: "profiles"; readonly row: RawRow<"profiles"> }
  | { readonly table: "analytics"; readonly row: RawRow<"analytics"> }
  | { readonly table: "sessions"; readonly row: SessionState }
  | { readonly table: TableName; readonly deleted: string };

export function profileLine({ id, session, timestamp, member, document, profile }: RawRow<"profiles">): string {
  const head = `{"kind":"profile","id":${text(id)},"session":${text(session)},"timestamp":${timestamp}`;
  return `${head},"member":${text(member)},"document":${text(document)},"profile":${oneLine(profile)}}`;
}

export function eventLine({ id, event_type, timestamp, session, data }: RawRow<"analytics">): string {
  const head = `{"kind":"event","id":${text(id)},"type":${text(event_type)},"timestamp":${timestamp}`;
  return `${head},"session":${session === null ? "null" : text(session)},"data":${oneLine(data)}}`;
}

/** A session without its count, which follows from its profiles. */
export function sessionLine({ id, member, created_at, last_activity }: SessionState): string {
  return `{"kind":"session","id":${text(id)},"member":${text(member)},"createdAt":${created_at},"lastActivity":${last_activity}}`;
}

/** A row that is no longer there. */
export function deletedLine(table: TableName, id: string): string {
  return `{"kind":"${KINDS[table]}","id":${text(id)},"deleted":true}`;
}

/**
 * Reads a line.
 *
 * @throws TelepoolError `COPY_DAMAGED`
 */
export function parseLine(line: string): LogEntry {
  try {
    if (line.startsWith('{"kind":"profile"')) return parseProfile(line);
    if (line.startsWith('{"kind":"event"')) return parseEvent(line);
    return parseSession(line);
  } catch (cause) {
    throw new TelepoolError("COPY_DAMAGED", "the log holds a line that is no row of a known kind", { cause });
  }
}

function parseProfile(line: string): LogEntry {
  const { head, json } = splitAt(line, ',"profile":');
  if (json === undefined) return parseDeleted("profiles", head);
  const { id, session, timestamp, member, document } = head;
  return {
    table: "profiles",
    row: {
      id: asText(id),
      session: asText(session),
      profile: asObject(json),
      timestamp: asNumber(timestamp),
      member: asText(member),
      document: asText(document),
    },
  };
}

function parseEvent(line: string): LogEntry {
  const { head, json } = splitAt(line, ',"data":');
  if (json === undefined) return parseDeleted("analytics", head);
  const { id, type, timestamp, session } = head;
  const row = {
    id: asText(id),
    event_type: asText(type),
    data: asObject(json),
    timestamp: asNumber(timestamp),
    session: session === null ? null : asText(session),
  };
  return { table: "analytics", row };
}

function parseSession(line: string): LogEntry {
  const head = JSON.parse(line) as Record<string, unknown>; // a value that is no object has none of the properties below
  if (head.kind !== "session") throw new Error("unknown kind");
  if (head.deleted !== undefined) return parseDeleted("sessions", head);
  const { id, member, createdAt, lastActivity } = head;
  const state = { created_at: asNumber(createdAt), last_activity: asNumber(lastActivity) };
  return { table: "sessions", row: { id: asText(id), member: asText(member), ...state } };
}

function parseDeleted(table: TableName, head: Readonly<Record<string, unknown>>): LogEntry {
  if (head.deleted !== true) throw new Error("neither a row nor a deletion");
  return { table, deleted: asText(head.id) };
}

/**
 * The line before its JSON, parsed, and the JSON as text. No quote within a text of the line stands without a backslash before
 * it, so the first place that reads like the name of the last member is the name of the last member.
 */
function splitAt(line: string, name: string): { readonly head: Record<string, unknown>; readonly json?: string } {
  const at = line.indexOf(name);
  if (at === -1) return { head: JSON.parse(line) as Record<string, unknown> }; // see parseSession
  return { head: JSON.parse(`${line.slice(0, at)}}`), json: line.slice(at + name.length, -1) };
}

function asText(value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error("a text is missing");
  return value;
}

function asNumber(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error("a number is missing");
  return value as number; // isSafeInteger says so
}

/** The text itself, if it is a JSON object. */
function asObject(json: string): string {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("the JSON is no object");
  return json;
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** JSON without line breaks, which can only stand between its parts. */
function oneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replaceAll(/[\r\n]+/g, " ") : json;
}

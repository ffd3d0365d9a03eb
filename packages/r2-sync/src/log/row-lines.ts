/**
 * One row in one line of the log: its kind, then its columns under the names of the API, its JSON last and as it is stored, so
 * that no number in it is rounded and no text of it is parsed on the way. Whether it is JSON is for the database to say, as it was
 * when it was stored.
 */
import { TelepoolError } from "@telepool/core";
import type { RawRow, SessionState, TableName } from "@telepool/core/sync";
import { checkRow } from "../copy/check-row.ts";

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

export function profileLine(row: RawRow<"profiles">): string {
  checkRow("profiles", row);
  const { id, session, timestamp, member, document, profile } = row;
  const head = `{"kind":"profile","id":${text(id)},"session":${text(session)},"timestamp":${timestamp}`;
  return `${head},"member":${text(member)},"document":${text(document)},"profile":${oneLine(profile)}}`;
}

export function eventLine(row: RawRow<"analytics">): string {
  checkRow("analytics", row);
  const { id, event_type, timestamp, session, data } = row;
  const head = `{"kind":"event","id":${text(id)},"type":${text(event_type)},"timestamp":${timestamp}`;
  return `${head},"session":${session === null ? "null" : text(session)},"data":${oneLine(data)}}`;
}

/** A session without its count, which follows from its profiles. */
export function sessionLine(row: RawRow<"sessions">): string {
  checkRow("sessions", row);
  const { id, member, created_at, last_activity } = row;
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
      profile: json,
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
    data: json,
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
  if (typeof value !== "string") throw new Error("a text is missing");
  return value;
}

function asNumber(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error("a number is missing");
  return value as number; // isSafeInteger says so
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** JSON without line breaks, which can only stand between its parts. */
function oneLine(json: string): string {
  return json.includes("\n") || json.includes("\r") ? json.replaceAll(/[\r\n]+/g, " ") : json;
}

/**
 * The door for rows: input is checked once, before anything is queued or written, and becomes the row that is stored.
 */
import type { Clock } from "../clock.ts";
import type { EventRow, ProfileRow } from "../driver/driver.ts";
import { TelepoolError } from "../errors.ts";
import { newId } from "../ids.ts";
import { decodeJsonObject, encodeJsonObject, type JsonObject } from "./json.ts";
import { checkKeys } from "./known-keys.ts";

/** A profile to be stored. */
export interface ProfileInput {
  /** The row's own id, 1 to 255 characters; a new UUIDv7 if absent. Writing a known id again changes nothing. */
  readonly id?: string;
  readonly session: string;
  /** A JSON object. */
  readonly profile: object;
  readonly member: string;
  readonly document: string;
  /** Milliseconds since 1970; now if absent. */
  readonly timestamp?: number;
}

/** An event to be stored. */
export interface EventInput {
  /** The event's own id, 1 to 255 characters; a new UUIDv7 if absent. */
  readonly id?: string;
  readonly type: string;
  /** A JSON object; `{}` if absent. */
  readonly data?: object;
  /** The session it belongs to, if any. */
  readonly session?: string | null;
  /** Milliseconds since 1970; now if absent. */
  readonly timestamp?: number;
}

/** A stored profile. */
export interface Profile {
  readonly id: string;
  readonly session: string;
  readonly profile: JsonObject;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly member: string;
  readonly document: string;
}

/** A stored event. */
export interface TelemetryEvent {
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly session: string | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The longest id, session, member, document or event type, in characters. Source: the key length that MySQL can index. */
export const MAX_NAME_LENGTH = 255;

/** Checks a name: a text of 1 to 255 characters without NUL and lone surrogates. */
export function parseName(value: unknown, field: string): string {
  if (typeof value !== "string") {
    throw new TelepoolError(
      "INVALID_ARGUMENT",
      `${field} must be a string (got ${value === null ? "null" : typeof value})`,
      { field },
    );
  }
  if (value.length === 0) throw new TelepoolError("INVALID_ARGUMENT", `${field} must not be empty`, { field });
  if (value.length > MAX_NAME_LENGTH && [...value].length > MAX_NAME_LENGTH) {
    throw new TelepoolError(
      "INVALID_ARGUMENT",
      `${field} must have at most ${MAX_NAME_LENGTH} characters (got ${[...value].length})`,
      {
        field,
      },
    );
  }
  if (value.includes("\0")) {
    throw new TelepoolError("INVALID_TEXT", `${field} holds a NUL character, which PostgreSQL cannot store`, { field });
  }
  if (!value.isWellFormed()) {
    throw new TelepoolError("INVALID_TEXT", `${field} holds half of a surrogate pair, which is not Unicode text`, {
      field,
    });
  }
  return value;
}

/** Checks a time: a whole number of milliseconds since 1970, exact in a double. */
export function parseTime(value: unknown, field: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    const given = typeof value === "number" ? String(value) : typeof value;
    throw new TelepoolError(
      "INVALID_ARGUMENT",
      `${field} must be a whole number of milliseconds since 1970, from 0 to ${Number.MAX_SAFE_INTEGER} (got ${given})`,
      { field },
    );
  }
  return value === 0 ? 0 : value; // -0 is not a time
}

const PROFILE_KEYS: ReadonlySet<string> = new Set(["id", "session", "profile", "member", "document", "timestamp"]);
const EVENT_KEYS: ReadonlySet<string> = new Set(["id", "type", "data", "session", "timestamp"]);

/** The row for a profile that came as an object; `where` is the path that messages start with, such as `rows[3]`. */
export function profileRow(input: ProfileInput, clock: Clock, where: string): ProfileRow {
  checkKeys(input, PROFILE_KEYS, where);
  return {
    id: input.id === undefined ? newId() : parseName(input.id, `${where}.id`),
    session: parseName(input.session, `${where}.session`),
    profile: encodeJsonObject(input.profile, `${where}.profile`),
    timestamp: input.timestamp === undefined ? clock.wallMs() : parseTime(input.timestamp, `${where}.timestamp`),
    member: parseName(input.member, `${where}.member`),
    document: parseName(input.document, `${where}.document`),
  };
}

/** The row for an event that came as an object. */
export function eventRow(input: EventInput, clock: Clock, where: string): EventRow {
  checkKeys(input, EVENT_KEYS, where);
  return {
    id: input.id === undefined ? newId() : parseName(input.id, `${where}.id`),
    event_type: parseName(input.type, `${where}.type`),
    data: encodeJsonObject(input.data ?? {}, `${where}.data`),
    timestamp: input.timestamp === undefined ? clock.wallMs() : parseTime(input.timestamp, `${where}.timestamp`),
    session:
      input.session === undefined || input.session === null ? null : parseName(input.session, `${where}.session`),
  };
}

/** How much memory a queued profile holds, in UTF-16 units and a fixed part: an estimate for the queue's limit. */
export function profileBytes(row: ProfileRow): number {
  return row.profile.length + row.session.length + row.member.length + row.document.length + 200;
}

/** How much memory a queued event holds, by the same estimate. */
export function eventBytes(row: EventRow): number {
  return row.data.length + row.event_type.length + 200;
}

/** The profile in a stored row. */
export function toProfile(row: ProfileRow): Profile {
  return {
    id: row.id,
    session: row.session,
    profile: decodeJsonObject(row.profile),
    timestamp: row.timestamp,
    member: row.member,
    document: row.document,
  };
}

/** The event in a stored row. */
export function toEvent(row: EventRow): TelemetryEvent {
  return {
    id: row.id,
    type: row.event_type,
    data: decodeJsonObject(row.data),
    session: row.session,
    timestamp: row.timestamp,
  };
}

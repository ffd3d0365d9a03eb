/** Rows as JSON over HTTP: the fields carry the names of the tables' columns. */
import type { PageKey, Session, TelemetryEvent } from "@telepool/core";

/** A session as the server shows it. */
export interface SessionJson {
  readonly id: string;
  readonly member: string;
  readonly created_at: number;
  readonly last_activity: number;
  readonly profile_count: number;
}

/** An event as the server shows it. */
export interface EventJson {
  readonly id: string;
  readonly event_type: string;
  readonly data: object;
  readonly session: string | null;
  readonly timestamp: number;
}

export function sessionJson({ id, member, createdAt, lastActivity, profileCount }: Session): SessionJson {
  return { id, member, created_at: createdAt, last_activity: lastActivity, profile_count: profileCount };
}

export function eventJson({ id, type, data, session, timestamp }: TelemetryEvent): EventJson {
  return { id, event_type: type, data, session, timestamp };
}

/** The place of a session in a list: those that began last come first. */
export function sessionKey({ createdAt, id }: Session): PageKey {
  return { timestamp: createdAt, id };
}

/** The place of a profile or an event in a list. */
export function rowKey({ timestamp, id }: PageKey): PageKey {
  return { timestamp, id };
}

/**
 * Rows as JSON outside of the program: the fields carry the names of the tables' columns.
 *
 * The server has its own `sessionJson`: taking that one would load its HTTP framework for every query, and what the
 * program prints is a contract of its own.
 */
import type { Session, TelemetryEvent } from "@telepool/core";

/** A session as `query --json` prints it. */
export interface SessionJson {
  readonly id: string;
  readonly member: string;
  readonly created_at: number;
  readonly last_activity: number;
  readonly profile_count: number;
}

/** An event as `export --events` prints it. */
export interface EventJson {
  readonly id: string;
  readonly event_type: string;
  readonly data: object;
  readonly timestamp: number;
  readonly session: string | null;
}

export function sessionJson({ id, member, createdAt, lastActivity, profileCount }: Session): SessionJson {
  return { id, member, created_at: createdAt, last_activity: lastActivity, profile_count: profileCount };
}

export function eventJson({ id, type, data, timestamp, session }: TelemetryEvent): EventJson {
  return { id, event_type: type, data, timestamp, session };
}

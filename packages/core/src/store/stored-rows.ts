/** Rows that were just stored, as listeners are shown them: with their JSON as text, for most listeners need few of it. */
import type { EventRow, ProfileRow } from "../driver/driver.ts";

/** A profile that was just stored. */
export interface StoredProfile {
  readonly id: string;
  readonly session: string;
  readonly member: string;
  readonly document: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The profile, as JSON text. */
  readonly json: string;
}

/** An event that was just stored. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly session: string | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** The event's data, as JSON text. */
  readonly json: string;
}

/** The rows of one transaction that were not there before, in the order in which they were written; at least one. */
export type StoredRows =
  | { readonly kind: "profiles"; readonly rows: readonly StoredProfile[] }
  | { readonly kind: "events"; readonly rows: readonly StoredEvent[] };

/** Told of rows that were just stored. */
export type StoredListener = (stored: StoredRows) => void;

export function storedProfiles(rows: readonly ProfileRow[]): StoredRows {
  const shown = rows.map(({ id, session, member, document, timestamp, profile }) => {
    return { id, session, member, document, timestamp, json: profile };
  });
  return { kind: "profiles", rows: shown };
}

export function storedEvents(rows: readonly EventRow[]): StoredRows {
  const shown = rows.map(({ id, event_type, session, timestamp, data }) => {
    return { id, type: event_type, session, timestamp, json: data };
  });
  return { kind: "events", rows: shown };
}

/** Rows for cases: plausible, different from each other, and some that a database must refuse. */
import type { Driver, EventRow, ProfileRow } from "../../driver/driver.ts";
import type { EventInput, ProfileInput } from "../../store/rows.ts";
import { overrideConnection, wrapConnections } from "../wrap-driver.ts";

/** A moment in 2026: where the samples' times begin. */
export const START_MS = 1_767_225_600_000;

/** The profile with number `n`. */
export function sampleProfile(n: number, changes: Partial<ProfileRow> = {}): ProfileRow {
  return {
    id: `profile-${String(n).padStart(6, "0")}`,
    session: "session-1",
    profile: JSON.stringify({ latency: n, ok: true }),
    timestamp: START_MS + n,
    member: "nolarose",
    document: "spec.md",
    ...changes,
  };
}

/** The same as the input of a store. */
export function sampleInput(n: number, changes: Partial<ProfileInput> = {}): ProfileInput {
  return { ...sampleProfile(n), profile: { latency: n, ok: true }, ...changes };
}

/** `count` inputs from number 0 on. */
export function sampleInputs(count: number, changes: Partial<ProfileInput> = {}): ProfileInput[] {
  return Array.from({ length: count }, (_, n) => sampleInput(n, changes));
}

/** The event with number `n`. */
export function sampleEvent(n: number, changes: Partial<EventRow> = {}): EventRow {
  return {
    id: `event-${String(n).padStart(6, "0")}`,
    event_type: "click",
    data: JSON.stringify({ n }),
    timestamp: START_MS + n,
    session: "session-1",
    ...changes,
  };
}

/** The same as the input of a store. */
export function sampleEventInput(n: number, changes: Partial<EventInput> = {}): EventInput {
  const { id, event_type: type, timestamp, session } = sampleEvent(n);
  return { id, type, data: { n }, timestamp, session, ...changes };
}

/** `count` event inputs from number 0 on. */
export function sampleEventInputs(count: number, changes: Partial<EventInput> = {}): EventInput[] {
  return Array.from({ length: count }, (_, n) => sampleEventInput(n, changes));
}

/** What no message may repeat. */
export const SECRET = "s3cr3t-c0ntent";

/** The document, and the event type, of a row that `refusing` has refused. */
export const REFUSED = "refused";

/** A profile that every database refuses: the column takes no NULL. */
export function refusedProfile(n: number): ProfileRow {
  const missing = null as unknown as string; // the fault that this row is made for
  return sampleProfile(n, { document: missing, member: SECRET, profile: JSON.stringify({ note: SECRET }) });
}

/** An event that every database refuses. */
export function refusedEvent(n: number): EventRow {
  const missing = null as unknown as string; // the fault that this row is made for
  return sampleEvent(n, { event_type: missing, data: JSON.stringify({ note: SECRET }) });
}

/** The same driver as one that is not in this process: its point reads are collected. */
export function remote(driver: Driver): Driver {
  return wrapConnections(driver, (connection) => connection);
}

/** A driver whose database refuses the rows that are marked `REFUSED`, by a constraint of its own. */
export function refusing(driver: Driver): Driver {
  const missing = null as unknown as string; // the fault that the mark stands for
  return wrapConnections(driver, (connection) =>
    overrideConnection(connection, {
      writeProfiles: (rows) =>
        connection.writeProfiles(rows.map((row) => (row.document === REFUSED ? { ...row, document: missing } : row))),
      writeEvents: (rows) =>
        connection.writeEvents(rows.map((row) => (row.event_type === REFUSED ? { ...row, event_type: missing } : row))),
    }),
  );
}

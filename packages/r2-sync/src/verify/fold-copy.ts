/**
 * What the rows of a copy are in the end, as digests by id: the checkpoint, then the log over it. Memory holds the digests of one
 * share of the ids at a time; the copy is read once for each share.
 */
import { rowDigest, type SessionState, type TableName } from "@telepool/core/sync";
import type { CopyReading } from "../restore/read-copy.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";

/** The digests of rows by id, of each table. */
export type Digests = Readonly<Record<TableName, Map<string, bigint>>>;

/** A share of all ids. */
export interface Share {
  readonly number: number;
  readonly of: number;
}

/** Digests that are held at once: about 100 MB. */
const HELD_ROWS = 500_000;

/** In how many shares a copy is to be compared. */
export function sharesOf({ checkpoint, log }: RestorePlan): number {
  const inParts = checkpoint.parts.reduce((sum, { rows }) => sum + rows, 0);
  const inLog = log.reduce((sum, { bytes }) => sum + bytes / 50, 0); // a compressed row is rarely smaller
  return Math.max(1, Math.ceil((inParts + inLog) / HELD_ROWS));
}

/** Whether an id is in a share. FNV-1a: any hash does that spreads ids. */
export function isIn({ number, of }: Share, id: string): boolean {
  if (of === 1) return true;
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % of === number;
}

/** The digest of a session without its count, which follows from its profiles. */
export function sessionDigest(state: SessionState): bigint {
  const { id, member, created_at, last_activity } = state;
  return rowDigest("sessions", { id, member, created_at, last_activity, profile_count: 0 });
}

/** The digests of a share of a copy's rows. */
export async function foldCopy(plan: RestorePlan, reading: CopyReading, share: Share): Promise<Digests> {
  const digests: Digests = { profiles: new Map(), analytics: new Map(), sessions: new Map() };
  const put = (table: TableName, id: string, digest: () => bigint): void => {
    if (isIn(share, id)) digests[table].set(id, digest());
  };
  for await (const { table, rows } of reading.parts(plan)) {
    for (const row of rows) put(table, row.id, () => digestOf(table, row));
    await turn();
  }
  for await (const { rows } of reading.log(plan, plan.checkpoint.base)) {
    for (const row of rows.profiles) put("profiles", row.id, () => rowDigest("profiles", row));
    for (const row of rows.events) put("analytics", row.id, () => rowDigest("analytics", row));
    for (const row of rows.sessions) put("sessions", row.id, () => sessionDigest(row));
    for (const table of ["profiles", "analytics", "sessions"] as const) {
      for (const id of rows.deleted[table]) digests[table].delete(id);
    }
    await turn();
  }
  return digests;
}

/** The digest of a row of any table. */
export function digestOf(table: TableName, row: Parameters<typeof rowDigest>[1]): bigint {
  return table === "sessions" ? sessionDigest(row as SessionState) : rowDigest(table, row); // it is a row of the table
}

/** Lets the event loop turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

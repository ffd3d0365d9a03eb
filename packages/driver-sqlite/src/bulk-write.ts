/**
 * The hot path: rows into their tables, and sessions brought up to date, inside a transaction of the caller's.
 *
 * One prepared statement is run for each row. Measured with bun:sqlite, statements of many rows are slower, because
 * binding hundreds of parameters costs more than stepping a statement (docs/decisions/0004-sqlite.md).
 */
import type { EventRow, ProfileRow, WriteReport } from "@telepool/core";
import type { Statements } from "./statements.ts";

const INSERT_PROFILE =
  "insert or fail into profiles (id, session, profile, timestamp, member, document) values (?, ?, ?, ?, ?, ?) on conflict (id) do nothing";
const INSERT_EVENT =
  "insert or fail into analytics (id, event_type, data, timestamp, session) values (?, ?, ?, ?, ?) on conflict (id) do nothing";
// created_at stands in two indexes and hardly ever changes, so it is left out here and mended when it must be.
const UPSERT_SESSION = `insert into sessions (id, member, created_at, last_activity, profile_count) values (?, ?, ?, ?, ?)
  on conflict (id) do update set last_activity = max(last_activity, excluded.last_activity),
    profile_count = profile_count + excluded.profile_count
  returning created_at`;
const MEND_CREATED_AT = "update sessions set created_at = ? where id = ?";

const NO_DUPLICATES: WriteReport = Object.freeze({ duplicates: [] });

/** What a batch adds to one session. */
interface SessionGain {
  readonly member: string;
  first: number;
  last: number;
  count: number;
}

/** Inserts profiles and adds them to their sessions. */
export function insertProfiles(statements: Statements, rows: readonly ProfileRow[]): WriteReport {
  const insert = statements.get(INSERT_PROFILE);
  const gains = new Map<string, SessionGain>();
  let duplicates: number[] | undefined;
  let position = 0;
  for (const row of rows) {
    const { changes } = insert.run(row.id, row.session, row.profile, row.timestamp, row.member, row.document);
    if (changes === 0) {
      duplicates ??= [];
      duplicates.push(position);
    } else addToSession(gains, row);
    position++;
  }
  updateSessions(statements, gains);
  return duplicates === undefined ? NO_DUPLICATES : { duplicates };
}

/** Inserts events. */
export function insertEvents(statements: Statements, rows: readonly EventRow[]): WriteReport {
  const insert = statements.get(INSERT_EVENT);
  const duplicates: number[] = [];
  let position = 0;
  for (const row of rows) {
    const { changes } = insert.run(row.id, row.event_type, row.data, row.timestamp, row.session);
    if (changes === 0) duplicates.push(position);
    position++;
  }
  return { duplicates };
}

function addToSession(gains: Map<string, SessionGain>, row: ProfileRow): void {
  const gain = gains.get(row.session);
  if (gain === undefined) {
    gains.set(row.session, { member: row.member, first: row.timestamp, last: row.timestamp, count: 1 });
    return;
  }
  if (row.timestamp < gain.first) gain.first = row.timestamp;
  if (row.timestamp > gain.last) gain.last = row.timestamp;
  gain.count++;
}

function updateSessions(statements: Statements, gains: ReadonlyMap<string, SessionGain>): void {
  for (const [id, gain] of gains) {
    // asked for each time, as preparing the other statement may finalize this one
    const [row] = statements.get(UPSERT_SESSION).values(id, gain.member, gain.first, gain.last, gain.count);
    const createdAt = row?.[0];
    if (typeof createdAt === "number" && createdAt > gain.first) statements.get(MEND_CREATED_AT).run(gain.first, id);
  }
}

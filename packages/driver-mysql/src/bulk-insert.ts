/**
 * Statements with many rows, as prepared statements: values travel beside the SQL and need no escaping.
 *
 * A statement is prepared for a number of rows, so rows go in pieces of a power of two, and the last few are filled up by
 * repeating the last row: to insert a row twice changes nothing, and to add nothing to a session neither. So a connection
 * prepares some ten statements for each table, whatever the batches are.
 */
import { type EventRow, type ProfileRow, TelepoolError } from "@telepool/core";
import { byCodePoints } from "@telepool/core/remote";

/** A statement with the values of its rows. */
export interface BulkStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** How many of the rows it holds, those that fill it up not counted. */
  readonly rows: number;
}

/** The most rows in one statement. Source: 65 535 placeholders at most, and little to gain beyond it. */
const MAX_ROWS = 1024;
/** Up to this many the rest goes in one statement that is filled up, rather than in several smaller ones. */
const FILLED_UP = 32;
/** And so it does beyond, where only this part of the places would be left over: a round trip costs more than they do. */
const LEFT_OVER = 1 / 16;
/** What a packet holds beside the texts: lengths, numbers and types, for each row. */
const ROW_BYTES = 120;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
/** Texts that are longer are measured, not estimated. */
const SHORT_UNITS = 10_000;

const INSERT_PROFILES = "insert into profiles (id, session, profile, timestamp, member, document) values";
const INSERT_EVENTS = "insert into analytics (id, event_type, data, timestamp, session) values";
const UPSERT_SESSIONS = "insert into sessions (id, member, created_at, last_activity, profile_count) values";

const KEEP_PROFILE = "on duplicate key update id = profiles.id";
const KEEP_EVENT = "on duplicate key update id = analytics.id";
const WIDEN_SESSION = `on duplicate key update created_at = least(created_at, values(created_at)),
  last_activity = greatest(last_activity, values(last_activity)), profile_count = profile_count + values(profile_count)`;

/**
 * One profile and its session in a single statement, and so a single round trip, as MariaDB takes it. It affects no row
 * when the id was there before; when it fails, all of it is rolled back.
 */
export const INSERT_PROFILE_COMPOUND: string = `begin not atomic
  declare exit handler for sqlexception begin rollback; resignal; end;
  start transaction;
  ${INSERT_PROFILES} (?, ?, ?, ?, ?, ?) ${KEEP_PROFILE};
  if row_count() > 0 then ${UPSERT_SESSIONS} (?, ?, ?, ?, 1) ${WIDEN_SESSION}; end if;
  commit;
end`;

/** The values of `INSERT_PROFILE_COMPOUND`. */
export function compoundValues({ session, member, timestamp, ...row }: ProfileRow): readonly unknown[] {
  const { id, profile, document } = row;
  return [id, session, profile, timestamp, member, document, session, member, timestamp, timestamp];
}

/** Statements that insert profiles and leave those alone whose id is there. */
export function insertProfiles(rows: readonly ProfileRow[], packetBytes: number): Iterable<BulkStatement> {
  return statements(INSERT_PROFILES, KEEP_PROFILE, rows, packetBytes, {
    valuesOf: ({ id, session, profile, timestamp, member, document }) => [
      id,
      session,
      profile,
      timestamp,
      member,
      document,
    ],
    textsOf: ({ id, session, profile, member, document }) => [id, session, profile, member, document],
  });
}

/** Statements that insert events and leave those alone whose id is there. */
export function insertEvents(rows: readonly EventRow[], packetBytes: number): Iterable<BulkStatement> {
  return statements(INSERT_EVENTS, KEEP_EVENT, rows, packetBytes, {
    valuesOf: ({ id, event_type, data, timestamp, session }) => [id, event_type, data, timestamp, session],
    textsOf: ({ id, event_type, data, session }) => [id, event_type, data, session],
  });
}

/** What new profiles add to one session. */
interface SessionGain {
  readonly id: string;
  readonly member: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Statements that bring the sessions of new profiles up to date, in the order of their ids, in which all batches lock them. */
export function upsertSessions(rows: readonly ProfileRow[], packetBytes: number): Iterable<BulkStatement> {
  const gains = [...gainsOf(rows).values()].sort((a, b) => byCodePoints(a.id, b.id));
  return statements(UPSERT_SESSIONS, WIDEN_SESSION, gains, packetBytes, {
    valuesOf: ({ id, member, first, last, count }) => [id, member, first, last, count],
    textsOf: ({ id, member }) => [id, member],
    fill: (gain) => ({ ...gain, count: 0 }),
  });
}

function gainsOf(rows: readonly ProfileRow[]): Map<string, SessionGain> {
  const gains = new Map<string, { id: string; member: string; first: number; last: number; count: number }>();
  for (const { session, member, timestamp } of rows) {
    const gain = gains.get(session);
    if (gain === undefined) {
      gains.set(session, { id: session, member, first: timestamp, last: timestamp, count: 1 });
      continue;
    }
    if (timestamp < gain.first) gain.first = timestamp;
    if (timestamp > gain.last) gain.last = timestamp;
    gain.count++;
  }
  return gains;
}

interface RowShape<Row> {
  valuesOf(row: Row): readonly unknown[];
  textsOf(row: Row): readonly (string | null)[];
  /** What stands in a place that is filled up; the row itself by default. */
  fill?(row: Row): Row;
}

function* statements<Row>(
  insert: string,
  onDuplicate: string,
  rows: readonly Row[],
  packetBytes: number,
  shape: RowShape<Row>,
): Generator<BulkStatement> {
  for (let start = 0; start < rows.length; ) {
    const fitting = fittingRows(rows, start, packetBytes, shape);
    const places = placesFor(fitting.rows, fitting.isAll);
    const piece = rows.slice(start, start + Math.min(places, fitting.rows));
    const values = piece.flatMap(shape.valuesOf);
    const last = piece[piece.length - 1];
    const filler = last === undefined ? [] : shape.valuesOf(shape.fill?.(last) ?? last);
    for (let n = piece.length; n < places; n++) values.push(...filler);
    const place = `(${filler.map(() => "?").join(", ")})`;
    yield { sql: `${insert} ${Array(places).fill(place).join(", ")} ${onDuplicate}`, values, rows: piece.length };
    start += piece.length;
  }
}

/** For how many rows a statement has places, out of `rows` that fit into it. */
function placesFor(rows: number, mayFillUp: boolean): number {
  const below = 2 ** Math.floor(Math.log2(rows));
  const above = below * 2;
  const isWorthFilling = rows <= FILLED_UP || above - rows <= above * LEFT_OVER;
  return mayFillUp && below < rows && isWorthFilling ? above : below;
}

/** How many rows from `start` on fit into a packet, at most `MAX_ROWS`, and whether it is safe to fill up. */
function fittingRows<Row>(
  rows: readonly Row[],
  start: number,
  packetBytes: number,
  { textsOf }: RowShape<Row>,
): { rows: number; isAll: boolean } {
  const end = Math.min(rows.length, start + MAX_ROWS);
  let bytes = 0;
  for (let at = start; at < end; at++) {
    const row = rows[at];
    if (row === undefined) break;
    const rowBytes = ROW_BYTES + textsOf(row).reduce((sum, text) => sum + bytesOf(text), 0);
    if (at === start && rowBytes > packetBytes) throw tooLarge(packetBytes);
    bytes += rowBytes;
    if (bytes > packetBytes) return { rows: at - start, isAll: false };
  }
  // Filled up, a statement is at most twice as large.
  return { rows: end - start, isAll: bytes * 2 <= packetBytes };
}

/** How many bytes a text takes at most. */
function bytesOf(text: string | null): number {
  if (text === null) return 0;
  return text.length < SHORT_UNITS ? text.length * MAX_BYTES_PER_UNIT : Buffer.byteLength(text);
}

function tooLarge(packetBytes: number): TelepoolError {
  return new TelepoolError(
    "ROW_TOO_LARGE",
    `the row is larger than the ${packetBytes} bytes that the server takes at once; raise its max_allowed_packet`,
  );
}

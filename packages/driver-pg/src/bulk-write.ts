/**
 * The hot path: rows into their tables, and sessions brought up to date, in one statement and so in one round trip.
 *
 * Columns travel as binary arrays. Rows and sessions are written in the order of their ids, so that concurrent batches wait
 * for each other instead of deadlocking. Of equal ids in a batch `on conflict` keeps the first. The answer is NULL when all
 * rows were new, else the ids that were. A single row has a statement of its own, because setting up the arrays costs
 * more than the row. Measured against other forms in docs/decisions/0006-postgresql.md.
 */
import type { EventRow, ProfileRow } from "@telepool/core";
import { inOrderOfIds } from "@telepool/core/remote";
import { bigintArray, textArray } from "./binary-array.ts";

/** A statement of the driver's own, with the name under which it is prepared. */
export interface OwnStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

const PROFILE_COLUMNS = "id, session, profile, timestamp, member, document";
const EVENT_COLUMNS = "id, event_type, data, timestamp, session";

const ON_SESSION_CONFLICT = `on conflict (id) do update set created_at = least(sessions.created_at, excluded.created_at),
    last_activity = greatest(sessions.last_activity, excluded.last_activity),
    profile_count = sessions.profile_count + excluded.profile_count`;

/** The ids that were stored, or NULL if they are all of the `rows` that were given; they are collected only if they are not. */
const storedIds = (rows: string) =>
  `select case when (select count(*) from stored) = ${rows} then null
    else (select coalesce(array_agg(id), '{}') from stored) end as ids`;

// `stored` gives its rows in the order in which they were inserted: a session's first member is the first of them.
const WRITE_PROFILES = `with stored as (
  insert into profiles (${PROFILE_COLUMNS})
  select id, session, profile::jsonb, timestamp, member, document
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[]) as given (${PROFILE_COLUMNS})
  on conflict (id) do nothing returning id, session, timestamp, member
), counted as (
  insert into sessions (id, member, created_at, last_activity, profile_count)
  select session, (array_agg(member))[1], min(timestamp), max(timestamp), count(*) from stored
  group by session order by session
  ${ON_SESSION_CONFLICT}
) ${storedIds("$1::int")}`;

const WRITE_PROFILE = `with stored as (
  insert into profiles (${PROFILE_COLUMNS}) values ($1, $2, $3, $4, $5, $6)
  on conflict (id) do nothing returning id, session, timestamp, member
), counted as (
  insert into sessions (id, member, created_at, last_activity, profile_count)
  select session, member, timestamp, timestamp, 1 from stored
  ${ON_SESSION_CONFLICT}
) ${storedIds("1")}`;

const WRITE_EVENTS = `with stored as (
  insert into analytics (${EVENT_COLUMNS})
  select id, event_type, data::jsonb, timestamp, session
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) as given (${EVENT_COLUMNS})
  on conflict (id) do nothing returning id
) ${storedIds("$1::int")}`;

/** The statement that stores profiles. */
export function writeProfilesStatement(given: readonly ProfileRow[]): OwnStatement {
  const rows = haveOneMemberEach(given) ? inOrderOfIds(given) : given;
  const [first] = rows;
  if (rows.length === 1 && first !== undefined) {
    const { id, session, profile, timestamp, member, document } = first;
    return {
      name: "telepool_write_profile",
      text: WRITE_PROFILE,
      values: [id, session, profile, timestamp, member, document],
    };
  }
  const values = [
    rows.length,
    textArray(rows.map(({ id }) => id)),
    textArray(rows.map(({ session }) => session)),
    textArray(rows.map(({ profile }) => profile)),
    bigintArray(rows.map(({ timestamp }) => timestamp)),
    textArray(rows.map(({ member }) => member)),
    textArray(rows.map(({ document }) => document)),
  ];
  return { name: "telepool_write_profiles", text: WRITE_PROFILES, values };
}

/**
 * Whether no session has profiles of several members here. Where one has, the rows stay in the order in which they came, as
 * the session's member is that of its first; should that lead to a deadlock, the batch is written again.
 */
function haveOneMemberEach(rows: readonly ProfileRow[]): boolean {
  const members = new Map<string, string>();
  for (const { session, member } of rows) {
    const known = members.get(session);
    if (known === undefined) members.set(session, member);
    else if (known !== member) return false;
  }
  return true;
}

/** The statement that stores events. */
export function writeEventsStatement(given: readonly EventRow[]): OwnStatement {
  const rows = inOrderOfIds(given);
  const values = [
    rows.length,
    textArray(rows.map(({ id }) => id)),
    textArray(rows.map(({ event_type }) => event_type)),
    textArray(rows.map(({ data }) => data)),
    bigintArray(rows.map(({ timestamp }) => timestamp)),
    textArray(rows.map(({ session }) => session)),
  ];
  return { name: "telepool_write_events", text: WRITE_EVENTS, values };
}

/** The positions of the rows that were not stored now; of equal ids only the first was. */
export function duplicatesAmong(
  rows: readonly { readonly id: string }[],
  storedIds: readonly string[] | null,
): number[] {
  if (storedIds === null) return [];
  const fresh = new Set(storedIds);
  return rows.flatMap(({ id }, position) => (fresh.delete(id) ? [] : [position]));
}

/**
 * The triggers by which SQLite notes what has changed, for a copy in object storage.
 *
 * None calls a function: with one in a trigger that it fires, SQLite keeps a journal of every insert by itself, which takes
 * four times as long as the insert (docs/decisions/0014-copy.md).
 */
import type { ChangeCapture } from "@telepool/core";
import { type RawBuilder, sql } from "kysely";

interface Trigger {
  readonly name: string;
  /** When it fires, from `after` to its condition. */
  readonly event: string;
  /** The rows that it notes: kind and id. */
  readonly notes: readonly (readonly [kind: 1 | 2 | 3, id: string])[];
}

const PROFILE_CHANGED =
  "(old.id, old.session, old.profile, old.timestamp, old.member, old.document) is not (new.id, new.session, new.profile, new.timestamp, new.member, new.document)";
const EVENT_CHANGED =
  "(old.id, old.event_type, old.data, old.timestamp, old.session) is not (new.id, new.event_type, new.data, new.timestamp, new.session)";
// A profile that is stored raises the count of its session, which then needs no note of its own.
const SESSION_CHANGED =
  "(old.id, old.member) is not (new.id, new.member) or (old.profile_count = new.profile_count and (old.created_at, old.last_activity) is not (new.created_at, new.last_activity))";

const TRIGGERS: readonly Trigger[] = [
  {
    name: "telepool_profile_inserted",
    event: "after insert on profiles",
    notes: [[1, "new.id"]],
  },
  {
    name: "telepool_profile_deleted",
    event: "after delete on profiles",
    notes: [
      [1, "old.id"],
      [3, "old.session"],
    ],
  },
  {
    name: "telepool_profile_updated",
    event: `after update on profiles when ${PROFILE_CHANGED}`,
    notes: [
      [1, "old.id"],
      [1, "new.id"],
      [3, "old.session"],
      [3, "new.session"],
    ],
  },
  {
    name: "telepool_event_inserted",
    event: "after insert on analytics",
    notes: [[2, "new.id"]],
  },
  { name: "telepool_event_deleted", event: "after delete on analytics", notes: [[2, "old.id"]] },
  {
    name: "telepool_event_updated",
    event: `after update on analytics when ${EVENT_CHANGED}`,
    notes: [
      [2, "old.id"],
      [2, "new.id"],
    ],
  },
  { name: "telepool_session_inserted", event: "after insert on sessions", notes: [[3, "new.id"]] },
  { name: "telepool_session_deleted", event: "after delete on sessions", notes: [[3, "old.id"]] },
  {
    name: "telepool_session_updated",
    event: `after update on sessions when ${SESSION_CHANGED}`,
    notes: [
      [3, "old.id"],
      [3, "new.id"],
    ],
  },
];

function create({ name, event, notes }: Trigger): RawBuilder<unknown> {
  const values = notes.map((note) => `(${note.join(", ")})`).join(", ");
  return sql.raw(
    `create trigger if not exists ${name} ${event} begin insert into telepool_changes (kind, id) values ${values}; end`,
  );
}

/** Whether `seq` is one of some numbers. Those that follow each other, as most do, are a range, which takes half the time. */
function among(numbers: readonly number[]): RawBuilder<unknown> {
  const [first = 0, last = -1] = [numbers[0], numbers.at(-1)];
  const isRange = numbers.every((number, position) => number === first + position);
  return isRange
    ? sql`seq between ${first} and ${last}`
    : sql`seq in (select value from json_each(${JSON.stringify(numbers)}))`;
}

/** The table and its triggers. */
export const sqliteChangeCapture: ChangeCapture = {
  install: [
    sql`create table if not exists telepool_changes (
      seq integer primary key, kind integer not null, id text not null)`,
    ...TRIGGERS.map(create),
  ],
  isInstalled: sql`select count(*) = ${sql.lit(TRIGGERS.length)} as complete from sqlite_master
    where type = 'trigger' and name in (${sql.join(TRIGGERS.map(({ name }) => sql.lit(name)))})`,
  remove: TRIGGERS.map(({ name }) => sql.raw(`drop trigger if exists ${name}`)),
  forget: (numbers) => sql`delete from telepool_changes where ${among(numbers)}`,
};

/**
 * The triggers by which MySQL and MariaDB note what has changed, for a copy in object storage.
 *
 * They work row by row, as the servers know no others, and as the user who made them, who must keep his rights. An insert
 * that meets a row with its id counts as an update for them, so what changes nothing must note nothing. `truncate` and the
 * deletions of foreign keys fire no trigger. MySQL knows `create trigger if not exists` from 8.0.29 on.
 */
import type { ChangeCapture } from "@telepool/core";
import { type RawBuilder, sql } from "kysely";

interface Trigger {
  readonly name: string;
  /** When it fires. */
  readonly event: string;
  /** What must be so besides. */
  readonly condition?: string;
  /** The rows that it notes: kind and id. */
  readonly notes: readonly (readonly [kind: 1 | 2 | 3, id: string])[];
}

/** Whether a row is another than before, in one of these columns; the documents come last, as they take longest. */
function anyOf(...columns: readonly string[]): string {
  return `not (${columns.map((column) => `old.${column} <=> new.${column}`).join(" and ")})`;
}

const PROFILE_CHANGED = anyOf("id", "session", "timestamp", "member", "document", "profile");
const EVENT_CHANGED = anyOf("id", "event_type", "timestamp", "session", "data");
// A profile that is stored raises the count of its session, which then needs no note of its own.
const SESSION_CHANGED = `${anyOf("id", "member")} or (old.profile_count = new.profile_count and ${anyOf("created_at", "last_activity")})`;

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
    event: "after update on profiles",
    condition: PROFILE_CHANGED,
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
    event: "after update on analytics",
    condition: EVENT_CHANGED,
    notes: [
      [2, "old.id"],
      [2, "new.id"],
    ],
  },
  { name: "telepool_session_inserted", event: "after insert on sessions", notes: [[3, "new.id"]] },
  { name: "telepool_session_deleted", event: "after delete on sessions", notes: [[3, "old.id"]] },
  {
    name: "telepool_session_updated",
    event: "after update on sessions",
    condition: SESSION_CHANGED,
    notes: [
      [3, "old.id"],
      [3, "new.id"],
    ],
  },
];

function create({ name, event, condition, notes }: Trigger): RawBuilder<unknown> {
  const values = notes.map((note) => `(${note.join(", ")})`).join(", ");
  const insert = `insert into telepool_changes (kind, id) values ${values};`;
  const body = condition === undefined ? insert : `if ${condition} then ${insert} end if;`;
  return sql.raw(`create trigger if not exists ${name} ${event} for each row begin ${body} end`);
}

/** The table, whose ids are columns of type `name`, and its triggers. */
export function mysqlChangeCapture(name: RawBuilder<unknown>): ChangeCapture {
  return {
    install: [
      sql`create table if not exists telepool_changes (
        seq bigint not null auto_increment primary key,
        kind smallint not null, id ${name} not null) engine = InnoDB`,
      ...TRIGGERS.map(create),
    ],
    // `create trigger if not exists` locks the table also where the trigger exists.
    isInstalled: sql`select count(*) = ${sql.lit(TRIGGERS.length)} as complete from information_schema.triggers
      where trigger_schema = database() and trigger_name in (${sql.join(TRIGGERS.map((trigger) => sql.lit(trigger.name)))})`,
    remove: TRIGGERS.map((trigger) => sql.raw(`drop trigger if exists ${trigger.name}`)),
    // Of a plain list of numbers the optimizer may make a scan of the table, which waits for rows that are not committed.
    forget: (numbers) => sql`delete noted from
      json_table(${JSON.stringify(numbers)}, '$[*]' columns (seq bigint path '$')) as copied
      straight_join telepool_changes as noted force index (primary) on noted.seq = copied.seq`,
  };
}

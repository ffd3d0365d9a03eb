/**
 * The triggers by which PostgreSQL notes what has changed, for a copy in object storage.
 *
 * Rows that a statement inserts or deletes are noted together; what is rare is noted row by row, under a condition that is
 * looked at before a function is called, so that a profile that raises the count of its session costs nothing more.
 *
 * The functions run as the one who installed them, and name everything in full: whoever may write a profile, with
 * whichever search path, has it noted. A trigger that is there is left alone, as making one waits for all writers; one
 * that must change gets another name. `truncate` notes nothing, and neither do rows that replication applies.
 */
import type { ChangeCapture } from "@telepool/core";
import { type RawBuilder, sql } from "kysely";

interface Trigger {
  readonly name: string;
  readonly table: "profiles" | "analytics" | "sessions";
  /** What stands before the table's name. */
  readonly event: string;
  /** What stands behind it. */
  readonly each: string;
  /** The rows that it notes: kind and id. */
  readonly notes: string;
}

const PROFILE_CHANGED =
  "(old.id, old.session, old.profile, old.timestamp, old.member, old.document) is distinct from (new.id, new.session, new.profile, new.timestamp, new.member, new.document)";
const EVENT_CHANGED =
  "(old.id, old.event_type, old.data, old.timestamp, old.session) is distinct from (new.id, new.event_type, new.data, new.timestamp, new.session)";
// A profile that is stored raises the count of its session, which then needs no note of its own.
const SESSION_CHANGED =
  "(old.id, old.member) is distinct from (new.id, new.member) or (old.profile_count = new.profile_count and (old.created_at, old.last_activity) is distinct from (new.created_at, new.last_activity))";

const TRIGGERS: readonly Trigger[] = [
  {
    name: "telepool_profiles_inserted",
    table: "profiles",
    event: "after insert",
    each: "referencing new table as changed for each statement",
    notes: "select 1, id from changed",
  },
  {
    name: "telepool_profiles_deleted",
    table: "profiles",
    event: "after delete",
    each: "referencing old table as changed for each statement",
    notes: "select 1, id from changed union all select distinct 3, session from changed",
  },
  {
    name: "telepool_profile_updated",
    table: "profiles",
    event: "after update",
    each: `for each row when (${PROFILE_CHANGED})`,
    notes: "values (1, old.id), (1, new.id), (3, old.session), (3, new.session)",
  },
  {
    name: "telepool_events_inserted",
    table: "analytics",
    event: "after insert",
    each: "referencing new table as changed for each statement",
    notes: "select 2, id from changed",
  },
  {
    name: "telepool_events_deleted",
    table: "analytics",
    event: "after delete",
    each: "referencing old table as changed for each statement",
    notes: "select 2, id from changed",
  },
  {
    name: "telepool_event_updated",
    table: "analytics",
    event: "after update",
    each: `for each row when (${EVENT_CHANGED})`,
    notes: "values (2, old.id), (2, new.id)",
  },
  {
    name: "telepool_session_inserted",
    table: "sessions",
    event: "after insert",
    each: "for each row",
    notes: "values (3, new.id)",
  },
  {
    name: "telepool_session_deleted",
    table: "sessions",
    event: "after delete",
    each: "for each row",
    notes: "values (3, old.id)",
  },
  {
    name: "telepool_session_updated",
    table: "sessions",
    event: "after update",
    each: `for each row when (${SESSION_CHANGED})`,
    notes: "values (3, old.id), (3, new.id)",
  },
];

/** The block finds out what the schema is called. `%1$I` is that, in the texts that `format` completes. */
function create({ name, table, event, each, notes }: Trigger): RawBuilder<unknown> {
  return sql.raw(`do $install$
begin
  if exists (select from pg_trigger where tgname = '${name}' and tgrelid = format('%I.${table}', current_schema())::regclass) then
    return;
  end if;
  -- Whoever wants to write waits behind this for as long as it waits itself: it is tried again instead.
  perform set_config('lock_timeout', '2s', true);
  execute format($make$
    create or replace function %1$I.${name}() returns trigger
    language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
    begin
      insert into %1$I.telepool_changes (kind, id) ${notes};
      return null;
    end $body$
  $make$, current_schema());
  execute format('create trigger ${name} ${event} on %1$I.${table} ${each} execute function %1$I.${name}()', current_schema());
end $install$`);
}

/** The table and its triggers. */
export const pgChangeCapture: ChangeCapture = {
  install: [
    sql`create table if not exists telepool_changes (
      seq bigint generated always as identity primary key,
      kind smallint not null, id varchar(255) collate "C" not null)`,
    ...TRIGGERS.map(create),
  ],
  isInstalled: sql`select (count(*) = ${sql.lit(TRIGGERS.length)})::int as complete
    from pg_trigger join pg_class on pg_class.oid = tgrelid join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = current_schema() and tgname in (${sql.join(TRIGGERS.map(({ name }) => sql.lit(name)))})`,
  remove: TRIGGERS.flatMap(({ name, table }) => [
    sql.raw(`drop trigger if exists ${name} on ${table}`),
    sql.raw(`drop function if exists ${name}()`),
  ]),
  forget: (numbers) => sql`delete from telepool_changes where seq = any(${`{${numbers.join()}}`}::bigint[])`,
};

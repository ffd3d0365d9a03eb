/** Checks that hold for every database: that it answers and can be written, its schema, the times of its rows. */
import type { TelemetryPool, TelemetryTables } from "@telepool/core";
import { readCopyState } from "@telepool/r2-sync/state";
import { describeError } from "../report-error.ts";
import { showTime } from "../time-expression.ts";
import type { Finding } from "./finding.ts";

interface MigrationTable {
  telepool_migrations: { name: string; timestamp: string };
}

/** Clocks of different machines are never quite the same. */
const TOLERATED_FUTURE_MS = 5 * 60_000;

/** Whether the database answers, and is one of telepool's. */
export async function checkReachable(store: TelemetryPool): Promise<Finding> {
  const check = "database";
  try {
    await store.open();
    const health = await store.health();
    if (!health.ok) throw new Error(health.error.message);
    return { check, status: "ok", detail: `${health.driver} ${health.location}, ${health.latencyMs.toFixed(1)} ms` };
  } catch (error) {
    const { message, code } = describeError(error, undefined);
    return {
      check,
      status: "fail",
      detail: `${message} (${code})`,
      advice: "check the URL in --db or TELEPOOL_DB_URL, and the permissions of what it names",
    };
  }
}

/** Whether a row can be written: one is, in a transaction that is taken back. */
export async function checkWritable(store: TelemetryPool): Promise<Finding> {
  const check = "writable";
  const takeBack = new Error("taken back");
  try {
    const db = await store.kysely<TelemetryTables>();
    await db.transaction().execute(async (transaction) => {
      const row = { id: Bun.randomUUIDv7(), event_type: "doctor", data: "{}", timestamp: Date.now(), session: null };
      await transaction.insertInto("analytics").values(row).execute();
      throw takeBack;
    });
    throw new Error("the transaction ended without an error");
  } catch (error) {
    if (error === takeBack) return { check, status: "ok", detail: "a row was written and taken back" };
    const { message, code } = describeError(error, undefined);
    return {
      check,
      status: "fail",
      detail: `${message} (${code})`,
      advice: "give this user the right to write to the database, its file and its folder",
    };
  }
}

/** Which steps the schema has gone through. */
export async function checkSchema(store: TelemetryPool, signal: AbortSignal): Promise<Finding> {
  const db = await store.kysely<MigrationTable>();
  const done = await db.selectFrom("telepool_migrations").select("name").orderBy("name").execute({ signal });
  return { check: "schema", status: "ok", detail: `up to date: ${done.at(-1)?.name ?? "no step"}` };
}

/** Whether a restore into it broke off: then it looks like any database, and is not whole. Nothing is said of all others. */
export async function checkRestore(store: TelemetryPool): Promise<Finding[]> {
  const { restoring } = await readCopyState(store);
  if (restoring === undefined) return [];
  const detail = `a restore of the copy ${restoring.source} into it broke off, so it is not whole`;
  return [
    { check: "restore", status: "fail", detail, advice: "run the restore again; do not use the database before" },
  ];
}

/** Whether a sender's clock was ahead: its rows come first in every list, and are the last to be pruned. */
export async function checkTimes(store: TelemetryPool, nowMs: number, signal: AbortSignal): Promise<Finding> {
  const check = "times";
  const { items } = await store.queryProfiles({}, { limit: 1 }, { signal });
  const [newest] = items;
  if (newest === undefined) return { check, status: "ok", detail: "no profiles yet" };
  const detail = `the newest profile is of ${showTime(newest.timestamp)}`;
  if (newest.timestamp <= nowMs + TOLERATED_FUTURE_MS) return { check, status: "ok", detail };
  return {
    check,
    status: "warn",
    detail: `${detail}, which is in the future`,
    advice: "correct the clock of the machine that sent it: such rows stand before all others and are pruned last",
  };
}

/** What a database refuses is classified, says nothing of the row, and harms nobody else. */
import assert from "node:assert/strict";
import type { Driver, ErrorClass } from "../../driver/driver.ts";
import { isTelepoolError, TelepoolError } from "../../errors.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { failureOf, rejectsWith } from "./expectations.ts";
import { REFUSED, refusedEvent, refusedProfile, refusing, SECRET, sampleInput, sampleProfile } from "./sample-rows.ts";

/** All that a program would log of an error: its text, its JSON, its causes. */
function everythingSaid(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const json = isTelepoolError(error) ? JSON.stringify(error) : "";
  return `${error.message} ${json} ${error.cause === undefined ? "" : everythingSaid(error.cause)}`;
}

function classOf(driver: Driver, error: unknown): ErrorClass {
  const known = driver.classify(error);
  assert.equal(typeof known.code, "string");
  assert.equal(typeof known.retryable, "boolean");
  assert.ok(known.message.length > 0 && !known.message.includes("\n"), "a message is one line");
  return known;
}

export const errorCases: readonly ConformanceCase[] = casesOf("errors", {
  "a row that a constraint refuses is CONSTRAINT_VIOLATED, and not worth another try": async ({ driver, connect }) => {
    const { connection } = await connect();
    for (const work of [
      () => connection.writeProfiles([refusedProfile(1)]),
      () => connection.writeEvents([refusedEvent(1)]),
    ]) {
      const { code, retryable } = classOf(driver, await failureOf(work));
      assert.deepEqual({ code, retryable }, { code: "CONSTRAINT_VIOLATED", retryable: false });
    }
  },

  "a statement that cannot run is STATEMENT_FAILED, and not worth another try": async ({ driver, connect }) => {
    const { connection } = await connect();
    for (const sql of ["select nothing from no_such_table", "this is not sql"]) {
      const { code, retryable } = classOf(driver, await failureOf(() => connection.execute({ sql, parameters: [] })));
      assert.deepEqual({ code, retryable }, { code: "STATEMENT_FAILED", retryable: false });
    }
  },

  "anything can be classified": async ({ driver }) => {
    for (const thrown of [
      undefined,
      null,
      "text",
      5,
      {},
      [],
      new Error("x"),
      { code: 5 },
      { code: null },
      Symbol("s"),
    ]) {
      classOf(driver, thrown);
    }
  },

  "an error of the database is the cause of telepool's": async ({ newStore }) => {
    const store = newStore();
    const db = await store.kysely<{ no_such_table: { x: number } }>();
    const error = await rejectsWith("STATEMENT_FAILED", () => db.selectFrom("no_such_table").select("x").execute());
    assert.ok(error.cause instanceof Error);
  },

  "an error says nothing of what the row holds": async ({ driver, newStore, connect }) => {
    const store = newStore({ driver: refusing(driver) });
    const secret = { document: REFUSED, member: SECRET, session: SECRET, profile: { note: SECRET } };
    const inserting = await rejectsWith("CONSTRAINT_VIOLATED", () => store.addProfile(sampleInput(1, secret)));
    assert.ok(!everythingSaid(inserting).includes(SECRET), everythingSaid(inserting));
    const recording = await rejectsWith("CONSTRAINT_VIOLATED", () => store.recordEvent(REFUSED, { note: SECRET }));
    assert.ok(!everythingSaid(recording).includes(SECRET), everythingSaid(recording));
    await store.close();
    const { connection } = await connect();
    const { message } = driver.classify(await failureOf(() => connection.writeProfiles([refusedProfile(1)])));
    assert.ok(!message.includes(SECRET), message);
  },

  "a connection stays usable after it refused a row": async ({ connect }) => {
    const { connection } = await connect();
    await failureOf(() => connection.writeProfiles([refusedProfile(1)]));
    await failureOf(() => connection.execute({ sql: "this is not sql", parameters: [] }));
    assert.equal(connection.isBroken(), false);
    await connection.ping();
    assert.deepEqual(await connection.writeProfiles([sampleProfile(2)]), { duplicates: [] });
  },

  "an error that a caller throws in a transaction reaches the caller as it is": async ({ newStore }) => {
    const db = await newStore().kysely();
    const own = new TelepoolError("INVALID_ARGUMENT", "the caller's own");
    const thrown = await failureOf(() =>
      db.transaction().execute(async () => {
        throw own;
      }),
    );
    assert.equal(thrown, own);
  },

  "a store whose driver cannot connect says so, and health tells why": async ({ driver, newStore }) => {
    const refusal = new TelepoolError("DATABASE_NOT_FOUND", "there is no database here");
    const unreachable: Driver = {
      ...driver,
      connect: () => {
        throw refusal;
      },
    };
    const store = newStore({ driver: unreachable, pool: { max: 1, acquireTimeoutMs: 1 } });
    const health = await store.health();
    assert.equal(health.ok, false);
    const error = await failureOf(() => store.getProfile("x"));
    assert.ok(isTelepoolError(error));
    assert.ok(error === refusal || error.cause === refusal, "the driver's error is told");
  },
});

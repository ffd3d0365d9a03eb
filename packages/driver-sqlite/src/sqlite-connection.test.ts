import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { TelemetryPool } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";
import { SqliteConnection } from "./sqlite-connection.ts";
import { sqliteDriver } from "./sqlite-driver.ts";

/** A database whose statement `sql` fails with `code`. */
function databaseThatFails(sql: string, code: string): Database {
  const database = new Database(":memory:");
  const prepare = database.prepare.bind(database);
  const failing = {
    columnNames: [],
    run: () => {
      throw Object.assign(new Error("disk I/O error"), { code });
    },
    finalize: () => undefined,
  };
  database.prepare = ((text: string) => (text === sql ? failing : prepare(text))) as never; // the part that is called
  database.run("create table analytics (id text primary key, event_type, data, timestamp, session)");
  return database;
}

const EVENT = { id: "e1", event_type: "click", data: "{}", timestamp: 1, session: null };

test("a disk that fails during a commit leaves its outcome unknown, and the connection is given up", () => {
  using database = databaseThatFails("commit", "SQLITE_IOERR_FSYNC");
  const connection = new SqliteConnection(database, "begin immediate", undefined);
  expect(() => connection.writeEvents([EVENT])).toThrow(
    expect.objectContaining({
      code: "COMMIT_OUTCOME_UNKNOWN",
      cause: expect.objectContaining({ code: "SQLITE_IOERR_FSYNC" }),
    }),
  );
  expect(connection.isBroken()).toBe(true);
  expect(database.inTransaction).toBe(false);
});

test("a commit that finds the database busy is an ordinary failure: it is rolled back and can be done again", () => {
  using database = databaseThatFails("commit", "SQLITE_BUSY");
  const connection = new SqliteConnection(database, "begin immediate", undefined);
  expect(() => connection.writeEvents([EVENT])).toThrow(expect.objectContaining({ code: "SQLITE_BUSY" }));
  expect(connection.isBroken()).toBe(false);
  expect(database.query("select count(*) from analytics").values()).toEqual([[0]]);
});

test("a connection that cannot roll back reports the first error, and is given up", () => {
  using database = databaseThatFails("rollback", "SQLITE_IOERR");
  const connection = new SqliteConnection(database, "begin immediate", undefined);
  database.run("create trigger refuse before insert on analytics begin select raise(abort, 'refused'); end");
  expect(() => connection.writeEvents([EVENT])).toThrow(expect.objectContaining({ code: "SQLITE_CONSTRAINT_TRIGGER" }));
  expect(connection.isBroken()).toBe(true);
});

test("a database in memory outlives every idle time and every connection's lifetime", async () => {
  const clock = new FakeClock();
  const pool = { min: 0, idleTimeoutMs: 1000, maxLifetimeMs: 1000 };
  await using store = new TelemetryPool({ driver: sqliteDriver({ path: ":memory:" }), clock, pool });
  const id = await store.insertProfile("session", {}, "member", "document");
  await clock.advance(3_600_000);
  expect(await store.getProfile(id)).toBeDefined();
});

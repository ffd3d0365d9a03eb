/** Writes as a part of an open transaction: what fails is taken back, and what the server has rolled back is not gone on with. */
import { describe, expect, test } from "bun:test";
import { createPool, type DriverConnection, type ProfileRow } from "@telepool/core";
import { describeOn, mysqlServer, type TestDatabase } from "@telepool/test-servers";
import { mysqlDriver } from "../src/mysql-driver.ts";
import { query } from "./query.ts";

const signal = new AbortController().signal;

function row(id: string, changes: Partial<ProfileRow> = {}): ProfileRow {
  return { id, session: `s-${id}`, profile: "{}", timestamp: 1, member: "m", document: "d", ...changes };
}

/** A database with telepool's tables, and two connections to it. */
async function open(): Promise<{ database: TestDatabase; connections: [DriverConnection, DriverConnection] }> {
  const database = await (await mysqlServer()).createDatabase();
  await using store = createPool(database.url);
  await store.open();
  const driver = mysqlDriver({ url: database.url });
  return { database, connections: [await driver.connect("write", signal), await driver.connect("write", signal)] };
}

const failure = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

describeOn("mysql", { describe, test }, "a joined write", () => {
  test("that fails leaves nothing of itself, and the rest of the transaction is stored", async () => {
    const { database, connections } = await open();
    const [connection, other] = connections;
    await query(
      database.url,
      "create trigger t before insert on sessions for each row if new.id = 's-bad' then signal sqlstate '45000'; end if",
    );
    await connection.begin();
    await connection.writeProfiles([row("a")]);
    expect(await failure(() => connection.writeProfiles([row("b"), row("bad")]))).toBeInstanceOf(Error);
    await connection.writeProfiles([row("c"), row("a")]);
    await connection.commit();
    expect(await query(database.url, "select id from profiles order by id")).toEqual([{ id: "a" }, { id: "c" }]);
    expect(await query(database.url, "select id, profile_count as n from sessions order by id")).toEqual([
      { id: "s-a", n: 1 },
      { id: "s-c", n: 1 },
    ]);
    await Promise.all([connection.close(), other.close(), database.drop()]);
  });

  test("in a transaction that met a deadlock is refused, and so is its commit, until it is rolled back", async () => {
    const { database, connections } = await open();
    const touch = (connection: DriverConnection, id: string) =>
      connection.execute({
        sql: "update sessions set last_activity = last_activity + 1 where id = ?",
        parameters: [id],
      });
    const [one, two] = connections;
    await one.writeProfiles([row("a"), row("b")]);
    for (const connection of connections) await connection.begin();
    await touch(one, "s-a");
    await touch(two, "s-b");
    const outcomes = await Promise.all([failure(() => touch(one, "s-b")), failure(() => touch(two, "s-a"))]);
    const loser = outcomes[0] instanceof Error ? one : two;
    for (const work of [() => loser.writeProfiles([row("x")]), () => touch(loser, "s-a"), () => loser.commit()]) {
      expect(await failure(work)).toMatchObject({ code: "DATABASE_BUSY" });
    }
    await loser.rollback();
    await (loser === one ? two : one).commit();
    await loser.writeProfiles([row("y")]);
    expect(await query(database.url, "select id from profiles order by id")).toEqual([
      { id: "a" },
      { id: "b" },
      { id: "y" },
    ]);
    await Promise.all([one.close(), two.close(), database.drop()]);
  });
});

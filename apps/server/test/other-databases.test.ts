/** The server over databases that are servers themselves: the same answers as over a file. */
import { describe, expect, test } from "bun:test";
import { describeOn, mysqlServer, postgresServer, type TestServer } from "@telepool/test-servers";
import { serve } from "../src/serving/serve.ts";

function servesFrom(database: () => Promise<TestServer>, driver: string): void {
  test("profiles come in and sessions go out", async () => {
    await using place = await (await database()).createDatabase();
    await using server = await serve({ dbUrl: place.url, port: 0 });
    expect(server.database).toStartWith(`${driver} `);
    const stored = await fetch(`${server.url}/api/profiles`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ session: "s1", member: "nolarose", document: "d", profile: { a: 1 }, id: "mine" }),
    });
    expect([stored.status, await stored.json()]).toEqual([201, { id: "mine", duplicate: false }]);
    const found = await fetch(`${server.url}/pool-query?member=nolarose`);
    expect(await found.json()).toMatchObject({ sessions: [{ id: "s1", profile_count: 1 }], next_cursor: null });
    expect(await (await fetch(server.url)).json()).toMatchObject({ status: "ok", driver });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
}

describeOn("postgresql", { describe, test }, "PostgreSQL", () => servesFrom(postgresServer, "postgresql"));
describeOn("mysql", { describe, test }, "MySQL", () => servesFrom(mysqlServer, "mysql"));

describeOn("postgresql", { describe, test }, "a database that is not there", () => {
  test("is told without its password", async () => {
    const { host } = new URL((await postgresServer()).url);
    const dbUrl = `postgres://telepool:hunter2@${host}/no_such_database`;
    const failure = await serve({ dbUrl, port: 0 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "DATABASE_NOT_FOUND" });
    expect(Bun.inspect(failure)).not.toContain("hunter2");
  });
});

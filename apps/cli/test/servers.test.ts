/** The program on the databases that are servers: `--db` takes their URLs everywhere. */
import { describe, expect, test } from "bun:test";
import { describeOn, mysqlServer, postgresServer, type TestServer } from "@telepool/test-servers";
import { Sandbox } from "./sandbox.ts";

function worksOn(server: () => Promise<TestServer>, driver: string): void {
  test("what only reads creates nothing, and says that there is nothing of telepool's", async () => {
    await using sandbox = await Sandbox.create();
    await using database = await (await server()).createDatabase();
    for (const command of [["query"], ["stats"], ["export"], ["doctor"]]) {
      const { code, stderr, stdout } = await sandbox.run([...command, "--db", database.url]);
      expect(code, command.join()).toBe(3);
      expect(stderr + stdout).toContain("not a telepool database");
    }
  });

  test("insert, batch, query, stats, doctor, export, import and prune", async () => {
    await using sandbox = await Sandbox.create();
    await using database = await (await server()).createDatabase();
    await using other = await (await server()).createDatabase();
    const env = { TELEPOOL_DB_URL: database.url };
    const inserted = await sandbox.run(["insert", '{"latency":2.5}', "--member", "nolarose", "--id", "mine"], {
      env,
    });
    expect(inserted).toMatchObject({ code: 0, stdout: "mine\n" });
    expect(await sandbox.json(["batch", "300"], { env })).toMatchObject({ stored: 300 });
    expect((await sandbox.json(["query", "nolarose"], { env })).length).toBe(1);
    expect((await sandbox.json(["query", "--document", "cli"], { env })).map(({ id }: { id: string }) => id)).toEqual([
      "mine",
    ]);
    expect((await sandbox.json(["stats"], { env })).database).toMatchObject({ exists: true, profiles: 301 });
    const findings = await sandbox.json(["doctor"], { env });
    expect(findings.map(({ check, status }: { check: string; status: string }) => `${check} ${status}`)).toEqual([
      ...["bun ok", "clock ok", "database ok", "writable ok", "schema ok", "times ok"],
    ]);
    expect(findings[2].detail).toStartWith(driver);
    const { stdout: lines } = await sandbox.run(["export"], { env });
    await sandbox.write("rows.ndjson", lines);
    const imported = await sandbox.json(["import", "rows.ndjson", "--db", other.url]);
    expect(imported).toMatchObject({ stored: 301, rejected: 0 });
    expect(await sandbox.json(["prune", "--max-rows", "1", "--db", other.url])).toMatchObject({ profiles: 300 });
  });

  test("a database that grows out of its file is copied to the server, and back", async () => {
    await using sandbox = await Sandbox.create();
    await using database = await (await server()).createDatabase();
    await sandbox.run(["batch", "2500", "--db", "sqlite://./small.db"]);
    const there = await sandbox.json(["copy", "--from", "sqlite://./small.db", "--to", database.url]);
    expect(there).toMatchObject({ verified: true, profiles: { copied: 2500 } });
    const back = await sandbox.json(["copy", "--from", database.url, "--to", "sqlite://./back.db"]);
    expect(back).toMatchObject({ verified: true, profiles: { copied: 2500 } });
    expect(back.profiles.target).toEqual(there.profiles.source);
  });
}

describeOn("postgresql", { describe, test }, "PostgreSQL", () => {
  worksOn(postgresServer, "postgresql");

  test("a password never shows, whatever goes wrong", async () => {
    await using sandbox = await Sandbox.create();
    const url = new URL((await postgresServer()).url);
    const db = `postgres://telepool:hunter2@${url.host}/no_such_database`;
    for (const command of [
      ["query"],
      ["insert", "{}"],
      ["doctor"],
      ["stats", "--json"],
      ["copy", "--from", db, "--to", db],
    ]) {
      const { code, stdout, stderr } = await sandbox.run([...command, "--db", db]);
      expect(code).not.toBe(0);
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });
});

describeOn("mysql", { describe, test }, "MySQL", () => worksOn(mysqlServer, "mysql"));

/** `telepool sync` and `restore` on the databases that are servers. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  describeOn,
  mysqlServer,
  postgresServer,
  type R2Server,
  startR2,
  type TestServer,
} from "@telepool/test-servers";
import { bucketEnv } from "./bucket.ts";
import { Sandbox } from "./sandbox.ts";

let r2: R2Server;
beforeAll(async () => {
  r2 = await startR2();
});
afterAll(() => r2[Symbol.asyncDispose]());

function worksOn(server: () => Promise<TestServer>, driver: string): void {
  test("a database is copied, comes back into a file, and from there into the server", async () => {
    await using sandbox = await Sandbox.create();
    await using database = await (await server()).createDatabase();
    await using other = await (await server()).createDatabase();
    const env = { ...bucketEnv(r2, driver), TELEPOOL_DB_URL: database.url };
    await sandbox.run(["batch", "300"], { env });
    expect(await sandbox.json(["sync", "status"], { env })).toMatchObject({ source: null, bucket: { ok: true } });
    const { source } = await sandbox.json(["sync"], { env });
    await sandbox.run(["insert", "{}"], { env });
    expect((await sandbox.json(["sync", "status"], { env })).pendingChanges).toBeGreaterThan(0);
    expect(await sandbox.json(["sync", "verify"], { env })).toMatchObject({ level: "database", ok: true });
    await sandbox.run(["restore", "--into", "sqlite://./file.db"], { env });
    const back = await sandbox.run(["restore", "--into", other.url, "--source", source], { env });
    expect(back).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^into +${driver}`, "m")) });
    for (const to of ["sqlite://./file.db", other.url]) {
      const compared = await sandbox.json(["copy", "--from", database.url, "--to", to, "--resume"]);
      expect(compared).toMatchObject({ verified: true, profiles: { copied: 0, skipped: 301 } });
    }
    expect((await sandbox.run(["sync", "off", "--yes"], { env })).code).toBe(0);
    expect(await sandbox.json(["sync", "status"], { env })).toMatchObject({ source: null, pendingChanges: 0 });
  });
}

describeOn("postgresql", { describe, test }, "PostgreSQL", () => worksOn(postgresServer, "postgresql"));
describeOn("mysql", { describe, test }, "MySQL", () => worksOn(mysqlServer, "mysql"));

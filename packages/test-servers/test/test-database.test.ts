/** Databases of a test's own, on the servers that the tests of a process share. */
import { describe, expect, test } from "bun:test";
import { describeOn } from "../src/index.ts";
import { KINDS } from "./kinds.ts";
import { openSession } from "./session.ts";

for (const { kind, shared } of KINDS) {
  describeOn(kind, { describe, test }, `a test database on ${kind}`, () => {
    test("the server is started once for all who ask", async () => {
      const servers = await Promise.all([shared(), shared()]);
      expect(servers[0]).toBe(servers[1]);
    });

    test("it is empty, has a name of its own, and is gone after drop, also after the second one", async () => {
      const server = await shared();
      const [first, second] = await Promise.all([server.createDatabase(), server.createDatabase()]);
      expect(first.name).toMatch(/^telepool_test_[0-9a-f]{16}$/);
      expect(second.name).not.toBe(first.name);
      expect(new URL(first.url).pathname).toBe(`/${first.name}`);
      {
        await using session = await openSession(kind, first.url);
        await session.query("create table mine (id int)");
      }
      await using other = await openSession(kind, second.url);
      await expect(other.query("select * from mine")).rejects.toThrow("mine");

      await first.drop();
      await first.drop();
      await expect(openSession(kind, first.url)).rejects.toThrow(first.name);
      await second.drop();
    });

    test("it is dropped while connections to it are open and in the middle of a transaction", async () => {
      const database = await (await shared()).createDatabase();
      await using idle = await openSession(kind, database.url);
      await using busy = await openSession(kind, database.url);
      await busy.query("create table numbers (id int primary key)");
      await busy.query("begin");
      await busy.query("insert into numbers values (1)");

      await database.drop();
      await expect(busy.query("commit")).rejects.toThrow();
      await expect(idle.query("select 1")).rejects.toThrow();
    });
  });
}

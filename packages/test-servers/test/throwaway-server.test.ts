/** Everything that a test may do to a server, on both databases. */
import { describe, expect, test } from "bun:test";
import { describeOn, makeCertificates, type ThrowawayServer } from "../src/index.ts";
import { isGone } from "../src/processes.ts";
import { KINDS } from "./kinds.ts";
import { openSession, type Session } from "./session.ts";

const CLIENTS = 4;

for (const { kind, shared, start, version, ...words } of KINDS) {
  /** Commits numbered rows until the server dies; returns those that it has acknowledged. */
  const commitUntilCut = async (session: Session, first: number, acknowledged: () => void): Promise<number[]> => {
    const committed: number[] = [];
    for (let id = first; ; id += CLIENTS) {
      const isCommitted = await session.query(`insert into numbers values (${id})`).then(
        () => true,
        () => false,
      );
      if (!isCommitted) return committed;
      committed.push(id);
      acknowledged();
    }
  };

  const ask = async (server: ThrowawayServer, sql: string): Promise<string | undefined> => {
    await using session = await openSession(kind, server.url);
    return (await session.query(sql))[0]?.[0];
  };

  const throwawayTests = () => {
    test("it listens at 127.0.0.1, tells its version and answers to telepool", async () => {
      await using server = await start();
      expect(server.version).toMatch(version);
      expect(server.url).toStartWith(`${kind}://telepool@127.0.0.1:${server.port}/`);
      expect(server.host).toBe("127.0.0.1");
      expect(await ask(server, "select 1 + 1")).toBe("2");
      expect(await ask(server, words.maxConnections)).toBe("200");
    });

    test("after stop it is gone, and after start it has the same data at the same port", async () => {
      await using server = await start();
      const { pid, port, url } = server;
      await using database = await server.createDatabase();
      await using session = await openSession(kind, database.url);
      await session.query("create table kept (id int)");

      await server.stop();
      expect(isGone(pid)).toBe(true);
      expect(() => server.pid).toThrow("does not run");
      await expect(openSession(kind, database.url)).rejects.toThrow("ECONNREFUSED");
      await server.stop();

      await server.start();
      expect([server.port, server.url]).toEqual([port, url]);
      expect(server.pid).not.toBe(pid);
      expect(await openAndCount(database.url, "kept")).toBe("0");
      await expect(server.start()).rejects.toThrow("runs already");
    });

    test("kill loses nothing that was committed, round after round", async () => {
      await using server = await start();
      await using database = await server.createDatabase();
      await using setup = await openSession(kind, database.url);
      await setup.query("create table numbers (id int primary key)");
      const committed: number[] = [];

      for (let round = 0; round < 3; round++) {
        let left = 200;
        const cut = Promise.withResolvers<void>();
        const acknowledged = () => --left === 0 && cut.resolve();
        await using stack = new AsyncDisposableStack();
        const opened = Array.from({ length: CLIENTS }, () => openSession(kind, database.url));
        const sessions = (await Promise.all(opened)).map((session) => stack.use(session));
        const clients = sessions.map((session, client) =>
          commitUntilCut(session, round * 1_000_000 + client, acknowledged),
        );
        await cut.promise;
        await server.kill();
        committed.push(...(await Promise.all(clients)).flat());
        await server.start();
      }

      await using session = await openSession(kind, database.url);
      const stored = new Set((await session.query("select id from numbers")).map(([id]) => Number(id)));
      expect(committed.length).toBeGreaterThanOrEqual(600);
      expect(committed.filter((id) => !stored.has(id))).toEqual([]);
    });

    test("freeze lets its connections wait, and thaw lets them go on", async () => {
      await using server = await start();
      const elsewhere = await shared();
      await using session = await openSession(kind, server.url);
      let answers = 0;
      const count = () => answers++;

      server.freeze();
      const answer = session.query("select 1").then(count);
      for (let round = 0; round < 5; round++) await (await elsewhere.createDatabase()).drop();
      expect(answers).toBe(0);

      server.thaw();
      await answer;
      expect(answers).toBe(1);
      server.freeze();
      await server.stop();
    });

    test("a frozen server can be killed, and disposed of", async () => {
      const server = await start();
      server.freeze();
      await server.kill();
      await server.start();
      const { pid } = server;
      server.freeze();
      await server[Symbol.asyncDispose]();
      expect(isGone(pid)).toBe(true);
    });

    test("it takes settings, and refuses one that it does not know in its own words", async () => {
      await using server = await start({ settings: { max_connections: 17 } });
      expect(await ask(server, words.maxConnections)).toBe("17");
      await expect(start({ settings: { nonsense: 1 } })).rejects.toThrow(words.unknownSetting);
    });

    test("with a password nobody comes in without it", async () => {
      const password = "p@ss:w/ö'rd\\";
      await using server = await start({ password });
      expect(await ask(server, "select 1")).toBe("1");
      await using database = await server.createDatabase();
      expect(decodeURIComponent(new URL(database.url).password)).toBe(password);

      const wrong = new URL(server.url);
      wrong.password = "wrong";
      await expect(openSession(kind, wrong.href)).rejects.toThrow(words.wrongPassword);
      const root = new URL(server.url);
      root.username = "root";
      root.password = "";
      await expect(openSession(kind, root.href)).rejects.toThrow();
    });

    test("it speaks TLS with the certificate that it is given", async () => {
      using certificates = await makeCertificates();
      await using server = await start({ tls: certificates });
      await using session = await openSession(kind, server.url, { tls: true });
      expect((await session.query(words.cipher))[0]?.[0]).toMatch(/AES|CHACHA/);
    });
  };

  const openAndCount = async (url: string, table: string): Promise<string | undefined> => {
    await using session = await openSession(kind, url);
    return (await session.query(`select count(*) from ${table}`))[0]?.[0];
  };

  describeOn(kind, { describe, test }, `a throwaway ${kind} server`, throwawayTests, "throwaway server");
}

/** The same program on three databases, by nothing but its URL; with real processes. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeOn, mysqlServer, postgresServer } from "@telepool/test-servers";
import { createPool } from "../src/create-pool.ts";
import { PoolManager } from "../src/manager/pool-manager.ts";
import { TelemetryPool } from "../src/telemetry-pool.ts";

/** An empty database, and how it goes. */
interface Place extends AsyncDisposable {
  readonly url: string;
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "telepool-three-"));
  return {
    url: `sqlite://${folder}/telepool.db`,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a program of the fixtures to its end, and gives its exit code and what it printed. */
async function run(fixture: string, ...args: readonly string[]): Promise<{ code: number; lines: string[] }> {
  const script = join(import.meta.dir, "fixtures", fixture);
  const child = Bun.spawn([process.execPath, script, ...args], { stdout: "pipe", stderr: "inherit" });
  const [code, output] = await Promise.all([child.exited, child.stdout.text()]);
  return { code, lines: output.trim().split("\n") };
}

/** Declares what must hold for a database that `place` makes. */
function holdsFor(place: () => Promise<Place>): void {
  test("the program gives what it gives on every database", async () => {
    await using database = await place();
    const { code, lines } = await run("one-program.ts", database.url);
    expect(lines).toEqual([
      '{"read":{"latencyMs":2.5},"sessions":[["session-0",2],["session-1",2]],"p95":4,"duplicate":true}',
    ]);
    expect(code).toBe(0);
  });

  test("four processes that open a new database at the same moment migrate it once", async () => {
    await using database = await place();
    const runs = await Promise.all([1, 2, 3, 4].map(() => run("open-and-insert.ts", database.url)));
    expect(runs).toEqual(runs.map(() => ({ code: 0, lines: ["0001-first-tables"] })));
    await using store = createPool(database.url);
    expect((await store.queryProfiles()).items.length).toBe(4);
  });

  test("a process that forgets to close its store ends when it has nothing left to do", async () => {
    await using database = await place();
    expect(await run("open-and-insert.ts", database.url, "forget")).toEqual({ code: 0, lines: ["0001-first-tables"] });
  });

  test("a killed process loses nothing that was acknowledged", async () => {
    await using database = await place();
    const script = join(import.meta.dir, "fixtures", "insert-until-killed.ts");
    const child = Bun.spawn([process.execPath, script, database.url], { stdout: "pipe", stderr: "inherit" });
    const acknowledged: string[] = [];
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      acknowledged.push(...text.split("\n").filter((line) => line.endsWith(".")));
      if (acknowledged.length > 2000) child.kill("SIGKILL");
    }
    await child.exited;
    await using store = createPool(database.url);
    const stored = new Set<string>();
    for await (const { id } of store.profiles()) stored.add(`${id}.`);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    const counted = (await store.querySessions("*")).items.reduce((sum, { profileCount }) => sum + profileCount, 0);
    expect(counted).toBe(stored.size);
  });
}

describe("SQLite", () => holdsFor(sqlitePlace));
describeOn("postgresql", { describe, test }, "PostgreSQL", () =>
  holdsFor(async () => (await postgresServer()).createDatabase()),
);
describeOn("mysql", { describe, test }, "MySQL", () => holdsFor(async () => (await mysqlServer()).createDatabase()));

/** Copies between two databases while the source is written to, and expects the copy to hold what was there before. */
async function copyWhileWritten(from: () => Promise<Place>, to: () => Promise<Place>): Promise<void> {
  await using source = await from();
  await using target = await to();
  await using manager = new PoolManager();
  const small = await manager.open("small", source.url);
  await manager.open("large", target.url);
  const row = (n: number) =>
    small.insertProfile(`session-${n % 50}`, { n, text: "é👍" }, `member-${n % 7}`, "guide.md");
  const before = await Promise.all(Array.from({ length: 3000 }, (_, n) => row(n)));
  await Promise.all(Array.from({ length: 50 }, (_, n) => small.recordEvent("click", { n }, `session-${n}`)));
  let isOver = false;
  const writing = (async () => {
    for (let n = 0; n < 2000 && !isOver; n++) await row(n);
  })();
  const result = await manager.copy("small", "large");
  isOver = true;
  await writing;
  expect(result).toMatchObject({ verified: true, differenceCount: 0, events: { copied: 50 } });
  const large = manager.get("large");
  const found = await Promise.all(before.map((id) => large.getProfile(id)));
  expect(found.every((profile) => profile !== undefined)).toBe(true);
  const again = await manager.copy("small", "large", { resume: true });
  expect(again).toMatchObject({ verified: true, moving: 0 });
  expect(again.profiles.target).toEqual(again.profiles.source);
  expect(again.sessions.target).toEqual(again.sessions.source);
}

describeOn("postgresql", { describe, test }, "copying while the source is written to", () => {
  const postgres = async () => (await postgresServer()).createDatabase();
  test("from SQLite to PostgreSQL", () => copyWhileWritten(sqlitePlace, postgres), 60_000);
  test("from PostgreSQL to SQLite", () => copyWhileWritten(postgres, sqlitePlace), 60_000);
  describeOn("mysql", { describe, test }, "and MySQL", () => {
    const mysql = async () => (await mysqlServer()).createDatabase();
    test("from PostgreSQL to MySQL", () => copyWhileWritten(postgres, mysql), 60_000);
    test("from MySQL to PostgreSQL", () => copyWhileWritten(mysql, postgres), 60_000);
  });
});

test("a store of any kind is a TelemetryPool from the first moment, without a connection", () => {
  for (const url of ["sqlite://./never.db", "postgres://nowhere.invalid/d", "mysql://nowhere.invalid/d"]) {
    expect(createPool(url)).toBeInstanceOf(TelemetryPool);
  }
});

import { expect, test } from "bun:test";
import { watch } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { createPool } from "@telepool/core";
import { Sandbox, TELEPOOL } from "./sandbox.ts";

/** The rows that a statement gives, run in the sandbox; `FROM` in it is all files of a table. */
async function duck(sandbox: Sandbox, table: string, sql: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const files = `read_parquet('${sandbox.path("lake", table)}/*/*.parquet', hive_partitioning = true)`;
    return (await connection.runAndReadAll(sql.replaceAll("FROM", `from ${files}`))).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function line(fields: object): string {
  return `${JSON.stringify({ session: "s", profile: {}, member: "m", document: "d", ...fields })}\n`;
}

const PARQUET = ["export", "--format", "parquet", "--out", "lake"];

test("an export as Parquet holds the rows that one as NDJSON holds", async () => {
  await using sandbox = await Sandbox.create();
  const stdin = [
    line({ id: "first", timestamp: 0, profile: { text: '🎉 "quoted"\n', n: 1e21 } }),
    line({ id: "last of a day", timestamp: Date.UTC(2026, 10, 25) - 1, member: "zoë" }),
    line({ id: "first of a day", timestamp: Date.UTC(2026, 10, 25) }),
    line({ id: "far", timestamp: Number.MAX_SAFE_INTEGER, document: "\uFEFFd" }),
  ].join("");
  await sandbox.run(["import", "-"], { stdin });
  await sandbox.run(["batch", "3000"]);
  const result = await sandbox.json(PARQUET);
  expect(result).toEqual({ folder: "lake", files: expect.any(Number), rows: 3004 });
  const { stdout } = await sandbox.run(["export"]);
  const lines = stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text));
  const expected = lines.map(({ id, timestamp, profile }) => ({
    id,
    at: `${timestamp}`,
    profile: JSON.stringify(profile),
  }));
  const read = await duck(sandbox, "profiles", "select id, epoch_ms(timestamp) as at, profile FROM");
  expect(new Set(read.map((row) => JSON.stringify(row)))).toEqual(new Set(expected.map((row) => JSON.stringify(row))));
  expect(await duck(sandbox, "profiles", "select id FROM where day = '2026-11-24'")).toEqual([{ id: "last of a day" }]);
  expect(await duck(sandbox, "profiles", "select id FROM where day is null")).toEqual([{ id: "far" }]);
  const text = "select profile->>'$.text' as text, (profile->>'$.n')::double as n FROM where id = 'first'";
  expect(await duck(sandbox, "profiles", text)).toEqual([{ text: '🎉 "quoted"\n', n: 1e21 }]);
});

test("events are exported as Parquet, with their sessions or without, and filters hold", async () => {
  await using sandbox = await Sandbox.create();
  {
    await using store = createPool(`sqlite://${sandbox.path("telepool.db")}`);
    for (let i = 0; i < 2500; i++)
      void store.addEvent({ id: `e${i}`, type: "click", data: { i }, timestamp: i, session: i % 2 ? "odd" : null });
    await store.flush();
  }
  const result = await sandbox.json([...PARQUET, "--events", "--from", "100"]);
  expect(result).toEqual({ folder: "lake", files: 1, rows: 2400 });
  expect((await readdir(sandbox.path("lake"), { recursive: true })).sort()).toEqual([
    "events",
    "events/day=1970-01-01",
    "events/day=1970-01-01/part-0001.parquet",
  ]);
  const sums = `
    select session, count(*)::int as events, sum((data->>'i')::int)::int as total, min(event_type) as type
    FROM group by session order by session`;
  expect(await duck(sandbox, "events", sums)).toEqual([
    { session: "odd", events: 1200, total: 1_560_000, type: "click" },
    { session: null, events: 1200, total: 1_558_800, type: "click" },
  ]);
});

test("the queries that docs/parquet.md has for an export can be run", async () => {
  await using sandbox = await Sandbox.create();
  const noon = Date.UTC(2026, 10, 25, 12);
  const times = [noon, noon + 1, noon + 3_600_000, noon - 86_400_000, Number.MAX_SAFE_INTEGER];
  await sandbox.run(["import", "-"], { stdin: times.map((timestamp) => line({ timestamp })).join("") });
  await sandbox.json(PARQUET);
  const doc = await Bun.file(join(import.meta.dir, "../../../docs/parquet.md")).text();
  const [, queries = ""] = /^## DuckDB\n+```sql\n(.*?)```/ms.exec(doc) ?? [];
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const statements = await connection.extractStatements(queries.replaceAll("'lake/", `'${sandbox.folder}/lake/`));
  const counts: number[] = [];
  for (let i = 0; i < statements.count; i++) {
    const result = await (await statements.prepare(i)).runAndReadAll();
    counts.push(result.currentRowCount);
  }
  connection.closeSync();
  instance.closeSync();
  expect(counts).toEqual([0, 1, 1, 2, 1]); // the view; all rows; one member; two hours; one time in the far future
});

test("Parquet wants a folder, and one with nothing in it", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "10"]);
  const without = await sandbox.run(["export", "--format", "parquet"]);
  expect(without).toEqual({
    code: 2,
    stdout: "",
    stderr: "telepool: Parquet is written to a folder, and none is given (USAGE)\n  add --out <folder>\n",
  });
  await sandbox.write("lake/notes.txt", "mine");
  const used = await sandbox.run(PARQUET);
  expect(used).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining('"lake" is not empty (USAGE)') });
  expect(await readdir(sandbox.path("lake"))).toEqual(["notes.txt"]);
  const file = await sandbox.run(["export", "--format", "parquet", "--out", "lake/notes.txt"]);
  expect(file).toMatchObject({ code: 1, stderr: expect.stringContaining("not a directory (FILE_UNREADABLE)") });
});

test("an export of nothing makes an empty folder", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "1"]);
  const run = await sandbox.run([...PARQUET, "--member", "nobody"]);
  expect(run).toEqual({ code: 0, stdout: "0 rows in 0 files in lake\n", stderr: "" });
  expect((await readdir(sandbox.path("lake"), { recursive: true })).sort()).toEqual(["profiles"]);
});

test("an export that is interrupted leaves nothing behind", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "60000", "--db", "sqlite://./telepool.db?synchronous=off"]);
  await mkdir(sandbox.path("lake"));
  const begun = Promise.withResolvers<void>();
  const watcher = watch(sandbox.path("lake"), () => begun.resolve());
  const child = Bun.spawn([...TELEPOOL, ...PARQUET], {
    cwd: sandbox.folder,
    env: sandbox.env(),
    stdout: "pipe",
    stderr: "pipe",
  });
  await begun.promise;
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  watcher.close();
  expect(await child.stdout.text()).toBe("");
  expect(await readdir(sandbox.path("lake"))).toEqual([]);
});

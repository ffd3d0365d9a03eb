/** `telepool copy` between SQLite files. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Sandbox, TELEPOOL } from "./sandbox.ts";

const COPY = ["copy", "--from", "sqlite://./from.db", "--to", "sqlite://./to.db"];

/** A folder with `from.db`, which holds `rows` profiles. */
async function sandboxWith(rows: number): Promise<Sandbox> {
  const sandbox = await Sandbox.create();
  await sandbox.run(["batch", String(rows), "--db", "sqlite://./from.db?synchronous=off"]);
  return sandbox;
}

async function exported(sandbox: Sandbox, name: string): Promise<string> {
  return (await sandbox.run(["export", "--db", `sqlite://./${name}.db`])).stdout;
}

test("a copy has the same rows, and says so in words and as JSON", async () => {
  await using sandbox = await sandboxWith(300);
  const before = await Bun.file(sandbox.path("from.db")).bytes();
  const { code, stdout, stderr } = await sandbox.run(COPY);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^profiles +300 +0 +300 +300 +same$/m);
  expect(stdout).toMatch(/^verified +yes$/m);
  expect(stdout).toContain(`sqlite ${sandbox.path("to.db")}`);
  expect(await exported(sandbox, "to")).toBe(await exported(sandbox, "from"));
  expect(await Bun.file(sandbox.path("from.db")).bytes()).toEqual(before);
  const again = await sandbox.json([...COPY, "--resume"]);
  expect(again).toMatchObject({
    from: { driver: "sqlite", location: sandbox.path("from.db") },
    to: { driver: "sqlite", location: sandbox.path("to.db") },
    profiles: { copied: 0, skipped: 300 },
    differences: [],
    verified: true,
  });
});

test("a target that holds rows is refused, with the option that goes on", async () => {
  await using sandbox = await sandboxWith(10);
  await sandbox.run(COPY);
  const run = await sandbox.run(COPY);
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("10 profiles and 0 events") });
  expect(run.stderr).toContain("add --resume");
});

test("rows that are not the same are listed, and the program ends with 4", async () => {
  await using sandbox = await sandboxWith(10);
  await sandbox.run(COPY);
  {
    using target = new Database(sandbox.path("to.db"));
    target.run("update profiles set id = 'other' where rowid = 1");
    target.run("update profiles set member = 'thief' where rowid = 2");
  }
  const run = await sandbox.run([...COPY, "--resume"]);
  expect(run.code).toBe(4);
  expect(run.stderr).toMatch(/^telepool: profiles \S+: different in member$/m);
  expect(run.stderr).toMatch(/^telepool: profiles other: in the target alone$/m);
  expect(run.stdout).toMatch(/^verified +no, differences: 3$/m); // the third is the session, which has a profile too many
  const asJson = await sandbox.run([...COPY, "--resume", "--json"]);
  expect({ code: asJson.code, stderr: asJson.stderr }).toEqual({ code: 4, stderr: "" });
  expect(JSON.parse(asJson.stdout)).toMatchObject({ verified: false, differenceCount: 3 });
});

test("a source that is not there, or not telepool's, is told, and neither file is made", async () => {
  await using sandbox = await Sandbox.create();
  const missing = await sandbox.run(COPY);
  expect(missing).toMatchObject({ code: 3, stdout: "" });
  expect(missing.stderr).toContain("--from (DATABASE_NOT_FOUND)");
  await sandbox.write("from.db", "");
  expect(await sandbox.run(COPY)).toMatchObject({ code: 3, stderr: expect.stringContaining("(READ_ONLY)") });
  expect(await readdir(sandbox.folder)).toEqual(["from.db"]);
});

test.each([
  [["copy", "--to", "sqlite://./to.db"], "required option '--from <url>' not specified"],
  [["copy", "--from", "sqlite://./from.db"], "required option '--to <url>' not specified"],
  [["copy", "--from", "from.db", "--to", "sqlite://./to.db"], "write sqlite://./name.db"],
  [["copy", "--from", "sqlite://./from.db", "--to", "sqlite://./from.db"], "cannot be copied into itself"],
  [["copy", "--from", "sqlite://./from.db", "--to", "oracle://me:hunter2@db/x"], "a database URL must begin with"],
])("%p is wrong usage", async (args, text) => {
  await using sandbox = await sandboxWith(1);
  const run = await sandbox.run(args);
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
  expect(run.stderr).not.toContain("hunter2");
});

test("the database of --db and of the environment is not touched", async () => {
  await using sandbox = await sandboxWith(5);
  const env = { TELEPOOL_DB_URL: "sqlite://./env.db" };
  expect((await sandbox.run([...COPY, "--db", "sqlite://./flag.db"], { env })).code).toBe(0);
  const databases = (await readdir(sandbox.folder)).filter((name) => name.endsWith(".db"));
  expect(databases.sort()).toEqual(["from.db", "to.db"]);
});

test("a copy that is interrupted says how it goes on, and does", async () => {
  await using sandbox = await sandboxWith(10_000);
  let text = "";
  let isInterrupted = false;
  const decoder = new TextDecoder();
  const child = Bun.spawn([...TELEPOOL, ...COPY], {
    cwd: sandbox.folder,
    env: sandbox.env({ TERM: "xterm" }),
    terminal: {
      cols: 160,
      rows: 40,
      data: (_, data) => {
        text += decoder.decode(data, { stream: true });
        if (isInterrupted || !text.includes("rows copied and compared")) return;
        isInterrupted = true; // once: a second Ctrl-C would end the program at once
        child.kill("SIGINT");
      },
    },
  });
  expect(await child.exited).toBe(130);
  child.terminal?.close();
  expect(text).toContain("what was copied stays (INTERRUPTED)");
  expect(text).toContain("--resume goes on from there");
  expect(await sandbox.json([...COPY, "--resume"])).toMatchObject({
    verified: true,
    profiles: { source: { rows: 10_000 }, target: { rows: 10_000 } },
  });
});

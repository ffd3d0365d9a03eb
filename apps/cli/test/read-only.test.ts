/** Commands that only read leave every database as it is, and read beside those that write. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { copyFile, readdir, stat } from "node:fs/promises";
import { Sandbox, TELEPOOL } from "./sandbox.ts";

const READING = ["query", "export", "stats", "doctor"];

/** Everything of a file that a reader could change. */
async function stateOf(path: string) {
  const { mode, mtimeMs } = await stat(path);
  return { mode, mtimeMs, bytes: await Bun.file(path).bytes() };
}

test.each(READING)("%s refuses another program's database with 3, and changes nothing of it", async (command) => {
  await using sandbox = await Sandbox.create();
  const path = sandbox.path("foreign.db");
  {
    using foreign = new Database(path);
    foreign.run("create table recipes (name text)");
  }
  const before = await stateOf(path);
  const { code, stdout, stderr } = await sandbox.run([command, "--db", "sqlite://./foreign.db"]);
  expect({ code, said: /\(READ_ONLY\)|\(MIGRATION_FAILED\)|\(NOT_A_DATABASE\)/.test(stdout + stderr) }).toEqual({
    code: 3,
    said: true,
  });
  expect(await stateOf(path)).toEqual(before);
  expect(await readdir(sandbox.folder)).toEqual(["foreign.db"]);
});

test.each(READING)("%s leaves the file of telepool's own database as it is", async (command) => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "10"]);
  const { bytes } = await stateOf(sandbox.path("telepool.db"));
  expect(await sandbox.run([command])).toMatchObject({ code: 0, stderr: "" });
  expect((await stateOf(sandbox.path("telepool.db"))).bytes).toEqual(bytes);
});

test("a URL that asks for writing is read-only all the same", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--member", "ada"]);
  for (const option of ["readOnly=false", "readOnly=true", "synchronous=normal"]) {
    expect(await sandbox.json(["query", "--db", `sqlite://./telepool.db?${option}`])).toMatchObject([
      { member: "ada" },
    ]);
  }
});

test("rows that are only in the log of a program that was killed are read", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--id", "old"]);
  {
    using writer = new Database(sandbox.path("telepool.db"));
    writer.run("update profiles set id = 'new'");
    for (const end of ["", "-wal"]) await copyFile(sandbox.path(`telepool.db${end}`), sandbox.path(`killed.db${end}`));
  }
  expect(await sandbox.json(["query", "--profiles", "--db", "sqlite://./killed.db"])).toMatchObject([{ id: "new" }]);
});

test("what a server has stored is read while it writes on", async () => {
  await using sandbox = await Sandbox.create();
  const server = Bun.spawn([...TELEPOOL, "serve", "--port", "0", "--json"], {
    cwd: sandbox.folder,
    env: sandbox.env(),
    stdout: "pipe",
    stderr: "pipe",
  });
  const { value } = await server.stdout.getReader().read();
  const { url } = JSON.parse(new TextDecoder().decode(value));
  let rows = 0;
  let stopped = false;
  const post = async (): Promise<void> => {
    const body = JSON.stringify({ session: "s", member: "http", document: "d", profile: { rows } });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/api/profiles`, { method: "POST", headers, body });
    expect(response.status).toBe(201);
    await response.arrayBuffer();
    rows++;
  };
  await post();
  const writing = (async () => {
    while (!stopped) await post();
  })();
  for (let round = 0; round < 3; round++) {
    const before = rows;
    const [session] = await sandbox.json(["query", "http"]);
    expect(session.profile_count).toBeGreaterThanOrEqual(before);
  }
  stopped = true;
  await writing;
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect((await sandbox.json(["stats"])).database.profiles).toBe(rows);
});

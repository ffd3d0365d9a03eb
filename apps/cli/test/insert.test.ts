import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Sandbox } from "./sandbox.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n$/;

test("the brief's insert prints the new profile's id, and the profile is there", async () => {
  await using sandbox = await Sandbox.create();
  const { code, stdout, stderr } = await sandbox.run(["insert", '{"test":1,"latency":2.5}']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(UUID_V7);
  expect(await sandbox.json(["query", "--profiles"])).toEqual([
    {
      id: stdout.trim(),
      session: expect.any(String),
      profile: { test: 1, latency: 2.5 },
      timestamp: expect.any(Number),
      member: "cli",
      document: "cli",
    },
  ]);
});

test("a profile comes from stdin and from a file as well, with all of its fields given", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.write("profile.json", '{"from":"file"}');
  const flags = ["--session", "s", "--member", "m", "--document", "d", "--timestamp", "2026-11-23"];
  const stored = await sandbox.json(["insert", "-", "--id", "one", ...flags], { stdin: '{"from":"stdin"}' });
  expect(stored).toEqual({ id: "one", session: "s", member: "m", document: "d", duplicate: false });
  await sandbox.run(["insert", "@profile.json", "--id", "two", ...flags]);
  const rows: { id: string; profile: object; timestamp: number }[] = await sandbox.json(["query", "--session", "s"]);
  expect(rows.map(({ id, profile }) => ({ id, profile }))).toEqual([
    { id: "two", profile: { from: "file" } },
    { id: "one", profile: { from: "stdin" } },
  ]);
  expect(rows.map((row) => row.timestamp)).toEqual([Date.UTC(2026, 10, 23), Date.UTC(2026, 10, 23)]);
});

test("an id that is stored before changes nothing and is said", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", '{"n":1}', "--id", "x"]);
  const again = await sandbox.run(["insert", '{"n":2}', "--id", "x"]);
  expect(again).toEqual({ code: 0, stdout: "x\n", stderr: expect.stringContaining("stored before") });
  expect(await sandbox.json(["query", "--profiles"])).toMatchObject([{ id: "x", profile: { n: 1 } }]);
});

test.each([
  ["text that is not JSON", ["insert", "{test:1}"], "INVALID_INPUT"],
  ["JSON that is not an object", ["insert", "[1]"], "INVALID_PROFILE"],
  ["an empty member", ["insert", "{}", "--member", ""], "INVALID_ARGUMENT"],
  ["a time that is none", ["insert", "{}", "--timestamp", "soon"], "USAGE"],
])("%s is refused as wrong usage, and no database is made", async (_, args, code) => {
  await using sandbox = await Sandbox.create();
  const run = await sandbox.run(args);
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(`(${code})`) });
  expect(await readdir(sandbox.folder)).toEqual([]);
});

test("a file that cannot be read is an error with the reason", async () => {
  await using sandbox = await Sandbox.create();
  const { code, stderr } = await sandbox.run(["insert", "@gone.json"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'telepool: "gone.json" cannot be read: no such file or directory (FILE_UNREADABLE)\n',
  });
});

test("a batch is stored under its member, in sessions of a hundred", async () => {
  await using sandbox = await Sandbox.create();
  const result = await sandbox.json(["batch", "250"]);
  expect(result).toEqual({ stored: 250, ms: expect.any(Number), rowsPerSecond: expect.any(Number), member: "batch" });
  const sessions: { profile_count: number }[] = await sandbox.json(["query", "batch"]);
  expect(sessions.map((session) => session.profile_count).sort()).toEqual([100, 100, 50]);
});

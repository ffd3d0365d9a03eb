import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Sandbox } from "./sandbox.ts";

test("sessions are a table for people and an array for programs", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--session", "s1", "--member", "nolarose", "--timestamp", "2026-11-23T18:30"]);
  expect((await sandbox.run(["query", "nolarose"])).stdout).toBe(
    [
      "SESSION  MEMBER    CREATED               LAST ACTIVITY         PROFILES",
      "s1       nolarose  2026-11-23T18:30:00Z  2026-11-23T18:30:00Z         1",
      "",
    ].join("\n"),
  );
  const time = Date.UTC(2026, 10, 23, 18, 30);
  expect(await sandbox.json(["query", "nolarose"])).toEqual([
    { id: "s1", member: "nolarose", created_at: time, last_activity: time, profile_count: 1 },
  ]);
});

test("nothing found is an empty array, or a word beside an empty result", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}"]);
  expect(await sandbox.json(["query", "nobody"])).toEqual([]);
  expect(await sandbox.json(["query", "--session", "none"])).toEqual([]);
  expect(await sandbox.run(["query", "nobody"])).toEqual({ code: 0, stdout: "", stderr: "no sessions found\n" });
  expect(await sandbox.run(["query", "nobody", "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("pages follow each other by their cursors and hold everything once", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "25"]);
  const ids: string[] = [];
  let cursor: string[] = [];
  do {
    const { stdout, stderr } = await sandbox.run([
      "query",
      "batch",
      "--profiles",
      "--limit",
      "10",
      "--json",
      ...cursor,
    ]);
    ids.push(...JSON.parse(stdout).map(({ id }: { id: string }) => id));
    const next = /--cursor (\S+)/.exec(stderr)?.[1];
    cursor = next === undefined ? [] : ["--cursor", next];
  } while (cursor.length > 0);
  expect(ids).toHaveLength(25);
  expect(new Set(ids).size).toBe(25);
});

test("times that are relative to now narrow profiles", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--id", "old", "--timestamp", "-48h"]);
  await sandbox.run(["insert", "{}", "--id", "new"]);
  expect(await sandbox.json(["query", "--from", "-24h"])).toMatchObject([{ id: "new" }]);
  expect(await sandbox.json(["query", "--to", "1d"])).toMatchObject([{ id: "old" }]);
});

test.each(["query", "export", "prune --older-than 1d"])(
  "%s does not make a database where there is none",
  async (command) => {
    await using sandbox = await Sandbox.create();
    const run = await sandbox.run(command.split(" "));
    expect(run).toEqual({ code: 3, stdout: "", stderr: expect.stringContaining("insert something first") });
    expect(await readdir(sandbox.folder)).toEqual([]);
  },
);

test("stored text cannot steer the reader's terminal", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--member", "\u001b[2Jevil\nline", "--document", "\u202e.md"]);
  const sessions = await sandbox.run(["query"]);
  const profiles = await sandbox.run(["query", "--profiles"]);
  expect(sessions.stdout).toContain("\\u001b[2Jevil\\nline");
  for (const unfit of ["\u001b", "\u202e"]) expect(sessions.stdout + profiles.stdout).not.toContain(unfit);
});

import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Sandbox } from "./sandbox.ts";

test("the stats of a folder without a database are all zero, and make none", async () => {
  await using sandbox = await Sandbox.create();
  expect(await sandbox.json(["stats"])).toMatchObject({
    poolSize: 0,
    maxPoolSize: 20,
    stats: { hits: 0, misses: 0, totalOperations: 0, avgLatency: 0 },
    hitRate: "0%",
    database: { exists: false, profiles: 0, sessions: 0, bytes: 0 },
  });
  expect(await readdir(sandbox.folder)).toEqual([]);
});

test("stats show the pool and count the database; without a terminal they are JSON", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "150"]);
  const { stdout } = await sandbox.run(["stats"]);
  expect(JSON.parse(stdout)).toMatchObject({
    poolSize: 20,
    maxPoolSize: 20,
    database: { exists: true, profiles: 150, sessions: 2, bytes: expect.any(Number) },
  });
});

test("prune removes the oldest by age and by number", async () => {
  await using sandbox = await Sandbox.create();
  for (const age of ["40d", "20d", "1d", "1h"]) await sandbox.run(["insert", "{}", "--id", age, "--timestamp", age]);
  expect(await sandbox.json(["prune", "--older-than", "30d"])).toEqual({ profiles: 1, events: 0, sessions: 1 });
  expect(await sandbox.json(["prune", "--max-rows", "1"])).toEqual({ profiles: 2, events: 0, sessions: 2 });
  expect(await sandbox.json(["query", "--profiles"])).toMatchObject([{ id: "1h" }]);
  expect(await sandbox.json(["prune", "--max-size", "1GiB"])).toEqual({ profiles: 0, events: 0, sessions: 0 });
});

test("prune without a limit is wrong usage", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}"]);
  expect((await sandbox.run(["prune"])).code).toBe(2);
});

test("the doctor finds a sound database sound, and leaves nothing in it", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "10"]);
  const findings: { check: string; status: string }[] = await sandbox.json(["doctor"]);
  expect(findings.map(({ check, status }) => [check, status])).toEqual([
    ["bun", "ok"],
    ["clock", "ok"],
    ["database", "ok"],
    ["writable", "ok"],
    ["schema", "ok"],
    ["times", "ok"],
    ["journal", "ok"],
    ["integrity", "ok"],
    ["disk", "ok"],
  ]);
  expect((await sandbox.run(["export", "--events"])).stdout).toBe("");
});

test("the doctor says what to do about a damaged file, and ends with 6", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "2000"]);
  const bytes = await Bun.file(sandbox.path("telepool.db")).bytes();
  bytes.fill(0xa5, bytes.length - 40_000, bytes.length - 4096);
  await sandbox.write("telepool.db", bytes);
  const { code, stdout } = await sandbox.run(["doctor"]);
  expect(code).toBe(6);
  expect(stdout).toMatch(/^integrity +fail/m);
  expect(stdout).toContain("To do:\n  integrity: ");
});

test("the doctor notices rows from the future", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", "{}", "--timestamp", String(Date.now() + 86_400_000)]);
  const { code, stdout } = await sandbox.run(["doctor"]);
  expect(code).toBe(6);
  expect(stdout).toMatch(/^times +warn/m);
});

test("where there is no database the doctor says so, ends with 3, and makes none", async () => {
  await using sandbox = await Sandbox.create();
  const { code, stdout } = await sandbox.run(["doctor", "--json"]);
  expect(code).toBe(3);
  expect(JSON.parse(stdout).at(-1)).toMatchObject({ check: "database", status: "fail" });
  expect(await readdir(sandbox.folder)).toEqual([]);
});

import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkArrows } from "./check-arrows.ts";

const trees: string[] = [];

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

/** Writes the files into an empty tree and returns what the check says about it. */
async function breachesOf(files: Record<string, string>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "telepool-arrows-"));
  trees.push(root);
  for (const [path, text] of Object.entries(files)) await Bun.write(join(root, path), text);
  return checkArrows(root).breaches;
}

test("imports that follow the arrows pass", async () => {
  const breaches = await breachesOf({
    "packages/core/src/factory.ts":
      'import { load } from "./import-package.ts";\nexport const open = () => load("@telepool/driver-sqlite");',
    "packages/core/src/import-package.ts": "export const load = (name: string) => import(name);",
    "packages/core/src/index.ts": 'export * from "./pool.ts";\nexport * from "./factory.ts";',
    "packages/core/src/pool.ts": 'import type { Lease } from "./lease.ts";\nexport class Pool { lease?: Lease }',
    "packages/core/src/lease.ts": 'import { Pool } from "./pool.ts";\nexport class Lease { pool = new Pool(); }',
    "packages/core/src/pool.test.ts": 'import "./testing/index.ts";\nimport { test } from "bun:test";',
    "packages/core/src/testing/index.ts": 'import { test } from "bun:test";\nimport "./fake-clock.ts";',
    "packages/core/src/testing/fake-clock.ts": "export {};",
    "packages/driver-sqlite/src/index.ts": 'import "bun:sqlite";\nimport "@telepool/core";',
    "packages/driver-sqlite/test/conformance.ts": 'import "@telepool/core/testing";',
    "packages/driver-pg/src/index.ts": 'import "@telepool/core";\nimport "pg";\nimport "node:net";',
    "packages/driver-pg/src/a.test.ts": 'import "@telepool/test-servers";',
    "packages/core/test/servers.ts": 'import type { TestServer } from "@telepool/test-servers";',
    "packages/test-servers/src/index.ts": 'import "pg";\nimport "node:net";',
    "packages/test-servers/src/a.test.ts": 'import "@telepool/test-servers";\nimport { test } from "bun:test";',
    "apps/cli/test/a.test.ts": 'import "@telepool/test-servers";',
    "apps/cli/src/index.ts": 'import "@telepool/server";\nimport "@telepool/driver-sqlite";\nimport "bun:ffi";',
    "bench/src/main.ts": 'import "@telepool/core";\nimport "@telepool/test-servers";',
    "scripts/tool.ts": 'import "@telepool/cli";',
  });
  expect(breaches).toEqual([]);
});

const coreRule = "core imports no package of the workspace, except a driver in an import() of src/factory.ts";
const testingRule = "core/testing is for test files only";
const testServersRule = "test-servers is for test files and the bench only";
const bunRule = "Bun's own modules are for driver-sqlite, apps, bench, scripts and tests";

const broken: [title: string, path: string, text: string, message: string][] = [
  ["core may not import a driver", "packages/core/src/a.ts", 'import "@telepool/driver-pg";', coreRule],
  [
    "core may not load a driver outside the factory",
    "packages/core/src/a.ts",
    'import("@telepool/driver-pg");',
    coreRule,
  ],
  [
    "the factory may not import a driver statically",
    "packages/core/src/factory.ts",
    'import "@telepool/driver-pg";',
    coreRule,
  ],
  [
    "the factory may not take a driver's types",
    "packages/core/src/factory.ts",
    'import type { A } from "@telepool/driver-pg";',
    coreRule,
  ],
  [
    "the factory may not load another package",
    "packages/core/src/factory.ts",
    'import("@telepool/r2-sync");',
    coreRule,
  ],
  ["core's tests may not import a driver", "packages/core/src/a.test.ts", 'import "@telepool/driver-pg";', coreRule],
  [
    "a driver may not import another driver",
    "packages/driver-pg/src/a.ts",
    'export type { A } from "@telepool/driver-sqlite";',
    "packages/driver-pg imports no package of the workspace but @telepool/core",
  ],
  [
    "r2-sync may not import a driver, not even a type of it",
    "packages/r2-sync/src/a.ts",
    'export type A = import("@telepool/driver-pg").A;',
    "packages/r2-sync imports no package of the workspace but @telepool/core",
  ],
  [
    "a package may not import an app",
    "packages/driver-pg/src/a.ts",
    'import "@telepool/server";',
    "a package never imports an app",
  ],
  ["a driver may not use core/testing", "packages/driver-pg/src/a.ts", 'import "@telepool/core/testing";', testingRule],
  ["an app may not use core/testing", "apps/cli/src/a.ts", 'import "@telepool/core/testing";', testingRule],
  ["the bench may not use core/testing", "bench/src/a.ts", 'import "@telepool/core/testing";', testingRule],
  [
    "core may not use its own testing folder",
    "packages/core/src/a.ts",
    'export * from "./testing/index.ts";',
    testingRule,
  ],
  [
    "a driver may not use test-servers",
    "packages/driver-pg/src/a.ts",
    'import "@telepool/test-servers";',
    testServersRule,
  ],
  ["core may not use test-servers", "packages/core/src/a.ts", 'import("@telepool/test-servers");', testServersRule],
  [
    "an app may not take a type of test-servers",
    "apps/cli/src/a.ts",
    'import type { A } from "@telepool/test-servers";',
    testServersRule,
  ],
  ["a script may not use test-servers", "scripts/a.ts", 'import "@telepool/test-servers";', testServersRule],
  [
    "test-servers may not import core",
    "packages/test-servers/src/a.ts",
    'import "@telepool/core";',
    "test-servers imports no package of the workspace",
  ],
  [
    "not even the tests of test-servers may use core/testing",
    "packages/test-servers/test/a.test.ts",
    'import "@telepool/core/testing";',
    "test-servers imports no package of the workspace",
  ],
  ["test-servers may not import Bun", "packages/test-servers/src/a.ts", 'import "bun:test";', bunRule],
  [
    "a relative import may not leave its package",
    "packages/driver-pg/src/a.ts",
    'import "../../core/src/pool.ts";',
    "a relative import never leaves packages/driver-pg",
  ],
  [
    "a script may not reach into a package",
    "scripts/a.ts",
    'import "../packages/core/src/pool.ts";',
    "a relative import never leaves scripts",
  ],
  ["core may not import a module of Bun", "packages/core/src/a.ts", 'import "bun:sqlite";', bunRule],
  [
    "core/testing may import no module of Bun but bun:test",
    "packages/core/src/testing/a.ts",
    'import "bun:sqlite";',
    bunRule,
  ],
  ["driver-pg may not import Bun", "packages/driver-pg/src/a.ts", 'import { SQL } from "bun";', bunRule],
  [
    "the factory's table may hold drivers only",
    "packages/core/src/factory.ts",
    'export const names = ["@telepool/cli"];',
    "a package never imports an app",
  ],
  [
    "not even the factory may import by a variable",
    "packages/core/src/factory.ts",
    "import(name);",
    "a computed import() cannot be checked; write the name out",
  ],
  [
    "a package may not import by a variable",
    "packages/core/src/a.ts",
    "import(name);",
    "a computed import() cannot be checked; write the name out",
  ],
  [
    "a package may not compute what it imports",
    "packages/driver-pg/src/a.ts",
    'export const open = (kind: string) => import("@telepool/driver-" + kind);',
    "a computed import() cannot be checked; write the name out",
  ],
];

for (const [title, path, text, message] of broken) {
  test(title, async () => {
    const breaches = await breachesOf({ [path]: `// first line\n${text}` });
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toStartWith(`${path}:2 imports "`);
    expect(breaches[0]).toEndWith(`": ${message}`);
  });
}

test("a circle of imports within a package is named with its members", async () => {
  const breaches = await breachesOf({
    "packages/core/src/a.ts": 'export { b } from "./inner/b.ts";',
    "packages/core/src/inner/b.ts": 'export const b = () => import("../c.ts");',
    "packages/core/src/c.ts": 'import "./a.ts";',
  });
  expect(breaches).toEqual([
    "circular import: packages/core/src/a.ts → packages/core/src/inner/b.ts → packages/core/src/c.ts → packages/core/src/a.ts",
  ]);
});

test("a comment or a string that looks like an import is not one", async () => {
  const text = '// import "@telepool/server";\nexport const s = \'import "@telepool/server"\';';
  expect(await breachesOf({ "packages/core/src/a.ts": text })).toEqual([]);
});

test("the program exits with 1 for a broken arrow and for a tree without sources", async () => {
  const run = async (files: Record<string, string>) => {
    await breachesOf(files);
    const { exitCode, stderr } = Bun.spawnSync([
      process.execPath,
      join(import.meta.dir, "check-arrows.ts"),
      trees.at(-1) ?? "",
    ]);
    return { exitCode, stderr: stderr.toString() };
  };
  const wrong = await run({ "packages/core/src/a.ts": 'import "@telepool/cli";' });
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain("a package never imports an app");
  const empty = await run({ "readme.md": "" });
  expect(empty).toEqual({ exitCode: 1, stderr: "no source file found: nothing was checked\n" });
});

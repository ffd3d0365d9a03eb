import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { summarize } from "./junit-summary.ts";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "telepool-junit-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => Bun.write(join(root, path), text);
const report = (tests: number, failures: number, skipped: number, file = "src/a.test.ts") =>
  `<testsuites name="bun test" tests="${tests}" assertions="9" failures="${failures}" skipped="${skipped}">
  <testsuite name="${file}" file="${file}" tests="${tests}" /></testsuites>`;
const lost = "is not in the report: it did not load, or its process died";

test("the reports of all packages are added up", async () => {
  await write("reports/junit.xml", report(3, 0, 0));
  await write("packages/core/package.json", "{}");
  await write("packages/core/reports/junit.xml", report(10, 2, 1));
  await write("apps/cli/package.json", "{}");
  await write("apps/cli/reports/junit.xml", report(4, 0, 0));
  expect(summarize(root)).toEqual({ passed: 14, failed: 2, skipped: 1, failures: [], problems: [] });
});

test("a package without test files needs no report", async () => {
  await write("reports/junit.xml", report(1, 0, 0));
  await write("packages/core/package.json", "{}");
  expect(summarize(root)).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [], problems: [] });
});

test("each test file that its package's report leaves out counts as failed", async () => {
  await write("packages/core/package.json", "{}");
  await write("packages/core/src/pool/pool.test.ts", "");
  await write("packages/core/src/a.test.ts", "");
  await write("packages/core/reports/junit.xml", report(5, 0, 0));
  await write("apps/cli/package.json", "{}");
  await write("apps/cli/test/cli.test.ts", "");
  expect(summarize(root)).toEqual({
    passed: 5,
    failed: 2,
    skipped: 0,
    failures: [],
    problems: [`apps/cli/test/cli.test.ts ${lost}`, `packages/core/src/pool/pool.test.ts ${lost}`],
  });
});

test("each test that failed under the real runner is named, in one line, with its place and what it says", async () => {
  await write("packages/core/package.json", "{}");
  await write(
    "packages/core/src/sum.test.ts",
    `import { expect, test } from "bun:test";
test("1 < 2 & works", () => {});
test('"sums" & <adds>', () => { expect("a").toBe("b"); });
test("throws", () => { throw new Error("no\\nsuch thing"); });`,
  );
  mkdirSync(join(root, "packages/core/reports"));
  const flags = ["--reporter=junit", "--reporter-outfile=reports/junit.xml"];
  Bun.spawnSync([process.execPath, "test", ...flags], { cwd: join(root, "packages/core") });
  expect(summarize(root)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    failures: [
      'packages/core/src/sum.test.ts:3 "sums" & <adds>: expect(received).toBe(expected) Expected: "b" Received: "a"',
      "packages/core/src/sum.test.ts:4 throws: no such thing",
    ],
    problems: [],
  });
});

test("no report, and reports of nothing but skipped tests, are a problem", async () => {
  expect(summarize(root).problems).toEqual(["no test ran"]);
  await write("reports/junit.xml", report(2, 0, 2));
  expect(summarize(root)).toEqual({ passed: 0, failed: 0, skipped: 2, failures: [], problems: ["no test ran"] });
});

test("a test file that cannot be loaded under the real runner counts as failed", async () => {
  await write("packages/core/package.json", "{}");
  await write("packages/core/src/good.test.ts", 'import { test } from "bun:test";\ntest("runs", () => {});');
  await write("packages/core/src/bad.test.ts", 'import "./nowhere.ts";');
  mkdirSync(join(root, "packages/core/reports"));
  const flags = ["--reporter=junit", "--reporter-outfile=reports/junit.xml"];
  Bun.spawnSync([process.execPath, "test", ...flags], { cwd: join(root, "packages/core") });
  expect(summarize(root)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: [],
    problems: [`packages/core/src/bad.test.ts ${lost}`],
  });
});

import { afterEach, beforeEach, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkExamples } from "./check-examples.ts";

const repository = join(import.meta.dir, "..");
let root = "";

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "telepool-examples-"));
  copyFileSync(join(repository, "tsconfig.json"), join(root, "tsconfig.json"));
  await Bun.write(join(root, "package.json"), '{ "type": "module" }');
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, ...lines: string[]) => Bun.write(join(root, path), lines.join("\n"));

test("blocks that hold are counted, and other languages are left alone", async () => {
  await write("README.md", "# A", "```ts", "const a: number = 1;", "```", "```bash", "exit 1", "```");
  await write("docs/deep/b.md", "```ts run", 'await Bun.write("here.txt", "1");', "```");
  expect(await checkExamples(root)).toEqual({ checked: 2, ran: 1, leftOut: [], failures: [] });
});

test("a type error is reported at its line of the document", async () => {
  await write("packages/core/README.md", "text", "", "```ts", "const fine = 1;", 'const a: number = "b";', "```");
  const { failures } = await checkExamples(root);
  expect(failures).toEqual([
    "packages/core/README.md:5:7: error TS2322: Type 'string' is not assignable to type 'number'.",
  ]);
});

test("two blocks of one document do not see each other", async () => {
  await write("README.md", "```ts", "const a = 1;", "```", "```ts", "console.log(a);", "```");
  expect((await checkExamples(root)).failures.join()).toContain("README.md:5:13: error TS2304: Cannot find name 'a'.");
});

test("a block inside a list or a longer fence is read as it is shown", async () => {
  await write("README.md", "- item", "  ```ts run", "  if (process.cwd() === '/') throw new Error();", "  ```");
  await write("docs/fences.md", "````md", "```ts", "not code", "```", "````");
  expect(await checkExamples(root)).toEqual({ checked: 1, ran: 1, leftOut: [], failures: [] });
});

test("an example that throws fails with what it printed", async () => {
  await write("README.md", "", "```ts run", 'throw new Error("the pool is closed");', "```");
  const { failures } = await checkExamples(root);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toStartWith("README.md:2 ended with 1\n");
  expect(failures[0]).toContain("the pool is closed");
});

test("a block is left out only for a reason", async () => {
  await write("README.md", "```ts no-check needs a bucket", "nonsense(", "```", "```ts no-check", "more(", "```");
  const { leftOut, failures } = await checkExamples(root);
  expect(leftOut).toEqual(["README.md:1 needs a bucket"]);
  expect(failures).toEqual(['README.md:4 "ts no-check" wants a reason behind it']);
});

test("an unknown word behind ts is refused", async () => {
  await write("README.md", "```ts runs", "1;", "```");
  expect((await checkExamples(root)).failures).toEqual([
    'README.md:1 "ts runs" is unknown; a block is "ts", "ts run" or "ts no-check <reason>"',
  ]);
});

import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { Sandbox, TELEPOOL } from "./sandbox.ts";

function line(fields: object): string {
  return `${JSON.stringify({ session: "s", profile: {}, member: "m", document: "d", ...fields })}\n`;
}

test("what is exported can be imported, and again without a duplicate", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["insert", '{"text":"emoji 🎉, \\"quotes\\"","deep":{"a":[1,null,true]}}', "--member", "zoë"]);
  await sandbox.run(["batch", "1500"]);
  const { stdout: exported } = await sandbox.run(["export"]);
  const copy = ["--db", "sqlite://./copy.db"];
  const first = await sandbox.json(["import", "-", ...copy], { stdin: exported });
  expect(first).toEqual({ read: 1501, stored: 1501, duplicates: 0, rejected: 0 });
  expect((await sandbox.run(["export", ...copy])).stdout).toBe(exported);
  const second = await sandbox.json(["import", "-", ...copy], { stdin: exported });
  expect(second).toEqual({ read: 1501, stored: 0, duplicates: 1501, rejected: 0 });
});

test("bad lines are reported with their number and left out, and the rest is stored", async () => {
  await using sandbox = await Sandbox.create();
  const bad = ["{\n", "\n", line({ id: "good" }), line({ profile: [] }), line({ colour: 1 }), "null\n"];
  await sandbox.write("rows.ndjson", bad.join(""));
  const run = await sandbox.run(["import", "rows.ndjson"]);
  expect(run.code).toBe(4);
  expect(run.stdout).toBe("5 lines read, 1 stored, 0 stored before, 4 rejected\n");
  expect(run.stderr.trim().split("\n")).toEqual([
    "telepool: line 1: the line is not JSON (INVALID_JSON)",
    "telepool: line 4: profile must be a JSON object (got an array) (INVALID_PROFILE)",
    expect.stringContaining("telepool: line 5: colour is not known"),
    "telepool: line 6: the line must be an object (INVALID_ARGUMENT)",
  ]);
  const asJson = await sandbox.run(["import", "rows.ndjson", "--json"]);
  expect(JSON.parse(asJson.stderr.split("\n")[1] ?? "")).toMatchObject({ line: 4, code: "INVALID_PROFILE" });
});

test.each([
  ["that is not JSON", "oops\n"],
  ["that the store refuses", line({ member: "" })],
])("a strict import stores what comes before a line %s, and nothing after it", async (_, bad) => {
  await using sandbox = await Sandbox.create();
  const stdin = [line({ id: "1" }), line({ id: "2" }), bad, line({ id: "4" })].join("");
  const run = await sandbox.run(["import", "-", "--strict"], { stdin });
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("line 3: ") });
  const ids: { id: string }[] = await sandbox.json(["query", "--profiles"]);
  expect(ids.map(({ id }) => id)).toEqual(["2", "1"]);
});

test("an import needs no more memory for more lines", async () => {
  await using sandbox = await Sandbox.create();
  const piece = new TextEncoder().encode(line({ profile: { text: "x".repeat(2000) } }).repeat(500));
  const child = Bun.spawn([...TELEPOOL, "import", "-", "--json", "--db", "sqlite://./a.db?synchronous=off"], {
    cwd: sandbox.folder,
    env: sandbox.env(),
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  for (let i = 0; i < 100; i++) {
    child.stdin.write(piece);
    await child.stdin.flush();
  }
  await child.stdin.end();
  expect(JSON.parse(await child.stdout.text())).toMatchObject({ stored: 50_000 });
  await child.exited;
  expect(child.resourceUsage()?.maxRSS).toBeLessThan(250 * 1024 * 1024); // the input alone has 105 MB, twice that as text
});

test("filters narrow an export, and events are exported on request", async () => {
  await using sandbox = await Sandbox.create();
  const stdin = [
    line({ id: "old", timestamp: 10_000 }),
    line({ id: "new", timestamp: 30_000 }),
    line({ id: "other", timestamp: 20_000, member: "x" }),
  ].join("");
  await sandbox.run(["import", "-"], { stdin });
  const idsOf = async (args: readonly string[]): Promise<string[]> => {
    const { stdout } = await sandbox.run(["export", ...args]);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((text) => JSON.parse(text).id);
  };
  expect(await idsOf([])).toEqual(["new", "other", "old"]);
  expect(await idsOf(["--member", "m", "--to", "30000"])).toEqual(["old"]);
  expect(await idsOf(["--from", "30000"])).toEqual(["new"]);
  expect(await idsOf(["--document", "nothing"])).toEqual([]);
  expect(await idsOf(["--events"])).toEqual([]);
  expect((await sandbox.run(["export", "--events", "--member", "m"])).code).toBe(2);
});

test("an export to a file is there at once and alone", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "10"]);
  expect(await sandbox.json(["export", "--out", "rows.ndjson"])).toEqual({ file: "rows.ndjson", lines: 10 });
  expect((await Bun.file(sandbox.path("rows.ndjson")).text()).split("\n")).toHaveLength(11);
  expect((await readdir(sandbox.folder)).filter((name) => name.startsWith("rows"))).toEqual(["rows.ndjson"]);
});

test("a reader that has seen enough is no failure", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.run(["batch", "20000", "--db", "sqlite://./telepool.db?synchronous=off"]);
  const child = Bun.spawn([...TELEPOOL, "export"], {
    cwd: sandbox.folder,
    env: sandbox.env(),
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  expect(await child.exited).toBe(0);
  expect(await child.stderr.text()).toBe("");
});

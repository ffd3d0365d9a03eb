import { expect, test } from "bun:test";
import { userInfo } from "node:os";
import { Sandbox } from "./sandbox.ts";

async function documentTree(sandbox: Sandbox): Promise<void> {
  await sandbox.write("docs/index.md", "# Title\n\nSee [guide](guide/start.md) and [nothing](gone.md).\n");
  await sandbox.write("docs/guide/start.md", "# Start\n\n[back](../index.md#title) ![logo](logo.png)\n");
  await sandbox.write("docs/guide/notes.txt", "no document");
  await sandbox.write("docs/node_modules/x/README.md", "# not ours\n");
}

test("every document of a tree becomes a profile, all of them in one session", async () => {
  await using sandbox = await Sandbox.create();
  await documentTree(sandbox);
  const result = await sandbox.json(["profile", "docs", "--member", "nolarose"]);
  expect(result).toMatchObject({
    member: "nolarose",
    documents: 2,
    failed: 0,
    brokenLinks: 1,
    brokenImages: 1,
    mostBroken: [{ document: "docs/index.md", count: 1, targets: ["gone.md"] }],
  });
  expect(await sandbox.json(["query", "nolarose"])).toMatchObject([{ id: result.session, profile_count: 2 }]);
  const rows: { document: string; profile: object }[] = await sandbox.json(["query", "--session", result.session]);
  expect(rows.map((row) => row.document).sort()).toEqual(["docs/guide/start.md", "docs/index.md"]);
  expect(rows.find((row) => row.document === "docs/index.md")?.profile).toMatchObject({ headings: { h1: 1 } });
});

test("the summary is for people, and the member is the user by default", async () => {
  await using sandbox = await Sandbox.create();
  await documentTree(sandbox);
  const { code, stdout } = await sandbox.run(["profile", "docs"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^documents +2$/m);
  expect(stdout).toMatch(/^docs\/index\.md +1 +gone\.md$/m);
  expect(stdout).toMatch(new RegExp(`^member +${userInfo().username}$`, "m"));
});

test("a document that cannot be stored is reported, and the others are stored", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.write("docs/good.md", "# Good\n");
  await sandbox.write(`docs/${"long/".repeat(60)}bad.md`, "# Too long a path for a name\n");
  const run = await sandbox.run(["profile", "docs", "--json"]);
  expect(run.code).toBe(4);
  expect(JSON.parse(run.stdout)).toMatchObject({ documents: 1, failed: 1 });
  expect(JSON.parse(run.stderr)).toMatchObject({ path: expect.stringMatching(/bad\.md$/), code: "INVALID_ARGUMENT" });
});

test("a path that does not exist is wrong usage, and makes no database", async () => {
  await using sandbox = await Sandbox.create();
  expect((await sandbox.run(["profile", "gone"])).code).toBe(2);
  expect(await Bun.file(sandbox.path("telepool.db")).exists()).toBe(false);
});

test("a folder without documents is not an error, and stores nothing", async () => {
  await using sandbox = await Sandbox.create();
  await sandbox.write("docs/a.txt", "");
  const run = await sandbox.run(["profile", "docs"]);
  expect(run).toEqual({ code: 0, stdout: "", stderr: "there is no Markdown document under docs\n" });
});

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { findDocuments } from "./find-documents.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-find-"));
  const files = [
    "b.md",
    "a/z.markdown",
    "a/B.MD",
    "c.txt",
    "c.md.bak",
    "node_modules/x.md",
    ".git/x.md",
    ".vuepress/x.md",
    "a/node_modules/y.md",
  ];
  for (const file of files) await Bun.write(join(folder, file), "");
  await symlink(folder, join(folder, "a", "loop"));
  await symlink("b.md", join(folder, "linked.md"));
  await symlink("self.md", join(folder, "self.md"));
});

afterAll(() => rm(folder, { recursive: true }));

async function found(path: string): Promise<string[]> {
  return (await Array.fromAsync(findDocuments(path))).map((document) => relative(folder, document));
}

test("documents come sorted, from all folders but node_modules and dot-folders, and loops of links end", async () => {
  expect(await found(folder)).toEqual(["a/B.MD", "a/z.markdown", "b.md", "linked.md"]);
});

test("a file is itself, whatever its name", async () => {
  expect(await found(join(folder, "c.txt"))).toEqual(["c.txt"]);
});

test("a skipped folder is searched when it is asked for", async () => {
  expect(await found(join(folder, ".vuepress"))).toEqual([".vuepress/x.md"]);
});

test("a path that does not exist is the caller's error", async () => {
  await expect(found(join(folder, "gone"))).rejects.toMatchObject({ code: "INVALID_ARGUMENT", field: "path" });
});

test("the walk stops when its reader does", async () => {
  for await (const document of findDocuments(folder)) {
    expect(relative(folder, document)).toBe("a/B.MD");
    break;
  }
});

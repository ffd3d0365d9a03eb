import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findExecutable, folderWith, programFolders } from "./executables.ts";

const root = mkdtempSync(join(tmpdir(), "telepool-executables-"));

afterAll(() => rmSync(root, { recursive: true }));

function place(path: string, mode: number): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), "");
  chmodSync(join(root, path), mode);
}

test("the folders of PATH come first, then those of the patterns with the highest version first", () => {
  for (const version of [9, 15, 100]) place(`lib/${version}/bin/server`, 0o755);
  const folders = programFolders([`${root}/nothing/*`, `${root}/lib/*/bin`]);
  expect(folders.slice(-3)).toEqual([100, 15, 9].map((version) => join(root, `lib/${version}/bin`)));
  expect(folders.slice(0, -3)).toEqual((process.env.PATH ?? "").split(":").filter(Boolean));
});

test("a folder is found only when it has all programs, and a program only when it can be run", () => {
  place("a/first", 0o755);
  place("b/first", 0o755);
  place("b/second", 0o755);
  place("c/third", 0o644);
  const folders = ["a", "b", "c"].map((name) => join(root, name));
  expect(folderWith(["first", "second"], folders)).toBe(join(root, "b"));
  expect(findExecutable("first", folders)).toBe(join(root, "a/first"));
  expect(findExecutable("third", folders)).toBeUndefined();
});

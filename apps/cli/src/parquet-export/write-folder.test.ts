import { expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileInFolder, refuseUsedFolder, writeFolderAtomically } from "./write-folder.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "telepool-folder-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function file(path: string): FileInFolder {
  return { path, content: new TextEncoder().encode(path) };
}

async function* files(...between: readonly (FileInFolder | (() => Promise<void>))[]): AsyncGenerator<FileInFolder> {
  for (const next of between) {
    if (typeof next === "function") await next();
    else yield next;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("files appear together, and until then under no name that a glob finds", () =>
  inFolder(async (folder) => {
    const nothingYet = async (): Promise<void> => {
      expect(await Array.fromAsync(new Bun.Glob("**/*").scan(folder))).toEqual([]);
      expect(await filesIn(folder)).toEqual(["1.parquet"]);
    };
    await writeFolderAtomically(folder, "t", files(file("t/day=a/1.parquet"), nothingYet, file("t/day=b/2.parquet")));
    expect((await Array.fromAsync(new Bun.Glob("**/*").scan(folder))).sort()).toEqual([
      "t/day=a/1.parquet",
      "t/day=b/2.parquet",
    ]);
    expect(await readdir(folder)).toEqual(["t"]);
    expect(await Bun.file(join(folder, "t/day=b/2.parquet")).text()).toBe("t/day=b/2.parquet");
  }));

test("when the rows break off, nothing stays, and a folder that was there before stays", () =>
  inFolder(async (folder) => {
    const breaksOff = (): Promise<void> => Promise.reject(new Error("interrupted"));
    for (const out of [folder, join(folder, "new")]) {
      const written = writeFolderAtomically(out, "t", files(file("t/1.parquet"), breaksOff));
      await expect(written).rejects.toThrow("interrupted");
    }
    expect(await readdir(folder)).toEqual([]);
  }));

test("what came into the folder meanwhile under the same name is not replaced", () =>
  inFolder(async (folder) => {
    const another = async (): Promise<void> => {
      await mkdir(join(folder, "t"));
      await Bun.write(join(folder, "t/theirs.parquet"), "theirs");
    };
    const written = writeFolderAtomically(folder, "t", files(file("t/1.parquet"), another));
    await expect(written).rejects.toMatchObject({ code: "FILE_UNWRITABLE" });
    expect(await filesIn(folder)).toEqual(["theirs.parquet"]);
  }));

test("only an empty folder, or one that is not there, may be written to", () =>
  inFolder(async (folder) => {
    await refuseUsedFolder(folder);
    await refuseUsedFolder(join(folder, "new/deep"));
    await Bun.write(join(folder, "sub/file"), "");
    await expect(refuseUsedFolder(folder)).rejects.toMatchObject({ code: "USAGE" });
    await expect(refuseUsedFolder(join(folder, "sub/file"))).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  }));

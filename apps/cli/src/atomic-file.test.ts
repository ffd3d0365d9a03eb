import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeFileAtomically } from "./atomic-file.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "telepool-atomic-"));
});

afterEach(() => rm(folder, { recursive: true }));

test("until it is complete, the file has another name, and the one before it stays", async () => {
  const path = join(folder, "rows.ndjson");
  await Bun.write(path, "before");
  await writeFileAtomically(path, async (file) => {
    await file.appendFile("new ");
    expect(await Bun.file(path).text()).toBe("before");
    await file.appendFile("rows");
  });
  expect(await Bun.file(path).text()).toBe("new rows");
  expect(await readdir(folder)).toEqual(["rows.ndjson"]);
});

test("a failed write leaves no trace", async () => {
  const path = join(folder, "rows.ndjson");
  const failing = writeFileAtomically(path, async (file) => {
    await file.appendFile("half");
    throw new Error("the source failed");
  });
  await expect(failing).rejects.toThrow("the source failed");
  expect(await readdir(folder)).toEqual([]);
});

test("a file that cannot be made is said to be so", async () => {
  const failing = writeFileAtomically(join(folder, "gone/rows.ndjson"), async () => {});
  await expect(failing).rejects.toMatchObject({
    code: "FILE_UNWRITABLE",
    message: expect.stringContaining("no such file or directory"),
  });
});

/** Files and folders whose permissions refuse; seen by a user for whom they count, which is not root. */
import { expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { createPool } from "@telepool/core";
import { Child } from "./child.ts";
import { TempFolder } from "./temp-folder.ts";

const AS_USER: readonly string[] =
  process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

/** A checkout in a folder of root's own cannot be run by anybody else. */
const canRun = Bun.spawnSync(["env", ...AS_USER, process.execPath, "--version"]).success;
const permissionTest = test.skipIf(!canRun);

/** A migrated database with these permissions, in a folder with those. */
async function databaseWith(folder: TempFolder, fileMode: number, folderMode: number): Promise<string> {
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path });
  await store.insertProfile("session", {}, "member", "document");
  await store.close();
  chmodSync(path, fileMode);
  chmodSync(folder.path, folderMode);
  return path;
}

async function report(options: object): Promise<string> {
  await using child = new Child("report.ts", [JSON.stringify(options)], AS_USER);
  return await child.line();
}

permissionTest("a file that may not be written is READ_ONLY when something is written", async () => {
  using folder = new TempFolder();
  expect(await report({ path: await databaseWith(folder, 0o444, 0o777) })).toBe("READ_ONLY");
});

permissionTest(
  "a folder that may not be written is READ_ONLY, because the log is a file beside the database",
  async () => {
    using folder = new TempFolder();
    expect(await report({ path: await databaseWith(folder, 0o666, 0o555) })).toBe("READ_ONLY");
  },
);

permissionTest("a file that may not be read is PERMISSION_DENIED", async () => {
  using folder = new TempFolder();
  expect(await report({ path: await databaseWith(folder, 0o000, 0o777) })).toBe("PERMISSION_DENIED");
});

permissionTest("a folder that may not be entered is PERMISSION_DENIED", async () => {
  using folder = new TempFolder();
  expect(await report({ path: await databaseWith(folder, 0o666, 0o000) })).toBe("PERMISSION_DENIED");
});

permissionTest("a new file in a folder that may not be written is PERMISSION_DENIED", async () => {
  using folder = new TempFolder();
  chmodSync(folder.path, 0o555);
  expect(await report({ path: folder.file("new.db") })).toBe("PERMISSION_DENIED");
});

/** Nothing of the driver keeps a process alive, and nothing is left beside the database. */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { Child } from "./child.ts";
import { expectSound, storedIds } from "./database-checks.ts";
import { failureOf } from "./failure.ts";
import { TempFolder } from "./temp-folder.ts";

test.each(["close", "close-while-scanning"])(
  "after %s the process ends by itself, and only the database's file is left",
  async (how) => {
    using folder = new TempFolder();
    await using child = new Child("end.ts", [folder.file("telepool.db"), how]);
    expect(await child.rest()).toEqual(["telepool.db", "9001"]);
    expect(await child.exited).toBe(0);
  },
  20_000,
);

test("a process that forgets to close ends when it has nothing left to do, and loses nothing", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using child = new Child("end.ts", [path, "just-end"]);
  expect(await child.rest()).toEqual(["9001"]);
  expect(await child.exited).toBe(0);
  expect(storedIds(path).length).toBe(9001);
  expectSound(path);
});

test("a store that is closed can be opened anew, and the closed one refuses", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  const first = createPool("sqlite", { path });
  const id = await first.insertProfile("session", {}, "member", "document");
  await first.close();
  await using second = createPool("sqlite", { path });
  expect(await second.getProfile(id)).toBeDefined();
  expect(await failureOf(first.insertProfile("session", {}, "member", "document"))).toMatchObject({
    code: "POOL_CLOSED",
  });
});

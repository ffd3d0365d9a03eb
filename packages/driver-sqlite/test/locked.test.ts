/** Another process holds the write lock. */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { Child } from "./child.ts";
import { storedIds } from "./database-checks.ts";
import { TempFolder } from "./temp-folder.ts";

test("writers wait for the lock while the event loop turns, and then succeed", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path });
  await store.open();
  await using holder = new Child("hold-lock.ts", [path]);
  await holder.line();

  let settled = 0;
  const writes = Array.from({ length: 50 }, (_, number) =>
    store.insertProfile("session", { number }, "member", "document").finally(() => settled++),
  );
  for (let turn = 0; turn < 2000; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(settled).toBe(0);
  expect((await store.queryProfiles()).items).toEqual([]); // readers do not wait

  holder.say("release");
  const ids = await Promise.all(writes);
  expect(storedIds(path).sort()).toEqual(ids.sort());
});

test("a lock that is held longer than retryTimeoutMs is DATABASE_BUSY, and nothing is written", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using store = createPool("sqlite", { path, retryTimeoutMs: 100 });
  await store.open();
  await using holder = new Child("hold-lock.ts", [path]);
  await holder.line();

  const results = await Promise.allSettled([
    store.insertProfile("session", {}, "member", "document"),
    store.insertProfiles([{ session: "session", profile: {}, member: "member", document: "document" }]),
    store.recordEvent("click"),
    store.prune({ olderThanMs: 0 }),
  ]);
  expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual(
    Array(4).fill("DATABASE_BUSY"),
  );

  holder.say("release");
  expect(await holder.exited).toBe(0);
  expect((await store.queryEvents()).items).toEqual([]);
  const id = await store.insertProfile("session", {}, "member", "document");
  expect(storedIds(path)).toEqual([id]);
});

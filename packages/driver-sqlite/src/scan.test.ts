/** Long statements run beside the event loop, not in it. */
import { expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";

const ROWS = 60_000;

/** Waits until a connection is in use. */
async function untilBusy(store: TelemetryPool): Promise<void> {
  while (store.stats().inUse === 0) await new Promise<void>((resolve) => setImmediate(resolve));
}

async function fill(store: TelemetryPool): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, number) => ({
    session: `session-${number % 10}`,
    profile: { number },
    member: `member-${number % 5}`,
    document: "document",
  }));
  await store.insertProfiles(rows);
}

test("single inserts are acknowledged while an aggregate over a whole table is under way", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db"), synchronous: "normal" });
  await fill(store);
  let isOver = false;
  const aggregate = store.aggregate({ metric: "number", groupBy: "member" }).finally(() => {
    isOver = true;
  });
  for (let number = 0; number < 20; number++) {
    await store.insertProfile("late", { number: -1 }, "late", "document");
    await store.queryProfiles({ member: "late" });
  }
  expect(isOver).toBe(false);
  expect((await aggregate).find(({ group }) => group === "member-0")).toMatchObject({ count: ROWS / 5, min: 0 });
});

test("an aborted aggregate is rejected while its thread still works, and the next one has a thread too", async () => {
  using folder = new TempFolder();
  await using store = createPool("sqlite", { path: folder.file("telepool.db") });
  await fill(store);
  const controller = new AbortController();
  const aborted = store.aggregate({ metric: "number", groupBy: "member" }, { signal: controller.signal });
  await untilBusy(store);
  controller.abort(new Error("enough"));
  expect(await failureOf(aborted)).toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
  expect(store.stats().inUse).toBe(1);

  const results = await Promise.all([1, 2, 3].map(() => store.aggregate({ metric: "number" })));
  for (const [group] of results) expect(group?.count).toBe(ROWS);
  expect(store.stats().inUse).toBe(0);
});

test("a store that closes waits for a scan that is under way", async () => {
  using folder = new TempFolder();
  const store = createPool("sqlite", { path: folder.file("telepool.db") });
  await fill(store);
  const aggregate = store.aggregate({ metric: "number" });
  await untilBusy(store);
  await store.close();
  expect((await aggregate)[0]?.count).toBe(ROWS);
});

/** Long statements run beside the event loop, not in it. */
import { expect, test } from "bun:test";
import { createPool, type TelemetryPool } from "@telepool/core";
import { failureOf } from "../test/failure.ts";
import { TempFolder } from "../test/temp-folder.ts";

const ROWS = 60_000;

/** Begins work until it is met on its connection: on a machine that is busy it may be over before anybody looks. */
async function caughtAtWork<T>(store: TelemetryPool, begin: () => Promise<T>): Promise<{ readonly work: Promise<T> }> {
  for (;;) {
    let isOver = false;
    const work = begin().finally(() => {
      isOver = true;
    });
    work.catch(() => undefined); // it is waited for
    while (!isOver && store.stats().inUse === 0) await turn();
    if (!isOver) return { work };
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
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
  const { signal } = controller;
  const { work: aborted } = await caughtAtWork(store, () => {
    return store.aggregate({ metric: "number", groupBy: "member" }, { signal });
  });
  controller.abort(new Error("enough"));
  expect(await failureOf(aborted)).toMatchObject({ code: "ABORTED", cause: { message: "enough" } });
  expect(store.stats().inUse).toBe(1);

  const results = await Promise.all([1, 2, 3].map(() => store.aggregate({ metric: "number" })));
  for (const [group] of results) expect(group?.count).toBe(ROWS);
  while (store.stats().inUse > 0) await turn(); // the thread of the first may be the last to end
});

test("a store that closes waits for a scan that is under way", async () => {
  using folder = new TempFolder();
  const store = createPool("sqlite", { path: folder.file("telepool.db") });
  await fill(store);
  const { work: aggregate } = await caughtAtWork(store, () => store.aggregate({ metric: "number" }));
  await store.close();
  expect((await aggregate)[0]?.count).toBe(ROWS);
});

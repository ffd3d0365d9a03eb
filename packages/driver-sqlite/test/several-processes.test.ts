/** Several processes on one file. */
import { expect, test } from "bun:test";
import { Child } from "./child.ts";
import { expectSound, inspect, singleValue, storedIds } from "./database-checks.ts";
import { TempFolder } from "./temp-folder.ts";

const ROWS = 2500;

test("two processes write and a third reads: nothing is lost, and nobody is told that the database is locked", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  await using reader = new Child("read-until-told.ts", [path]);
  await reader.line();
  // few callers make many small commits, so that both processes also have checkpoints to do
  await using first = new Child("write-rows.ts", [path, "first", String(ROWS), "3"]);
  await using second = new Child("write-rows.ts", [path, "second", String(ROWS), "100"]);

  expect(await first.exited).toBe(0);
  expect(await second.exited).toBe(0);
  reader.say("enough");
  expect(Number(await reader.line())).toBeGreaterThan(0);
  expect(await reader.exited).toBe(0);

  const wanted = ["first", "second"].flatMap((name) =>
    Array.from({ length: ROWS }, (_, number) => `${name}-${number}`),
  );
  expect(storedIds(path).sort()).toEqual(wanted.sort());
  expectSound(path);
});

test.each([2, 4])(
  "%d processes that open a new file at the same moment migrate it once",
  async (count) => {
    using folder = new TempFolder();
    const path = folder.file("telepool.db");
    await using stack = new AsyncDisposableStack();
    const children = Array.from({ length: count }, () => stack.use(new Child("open-when-told.ts", [path])));
    for (const child of children) expect(await child.line()).toBe("ready");
    for (const child of children) child.say("now");
    for (const child of children) expect(await child.line()).toBe("0001-first-tables");
    for (const child of children) expect(await child.exited).toBe(0);
    inspect(path, (database) => expect(singleValue(database, "pragma auto_vacuum")).toBe(2));
    expect(storedIds(path).length).toBe(count);
    expectSound(path);
  },
  30_000,
);

/** Long writes let the event loop turn between their steps. Turns are counted, time is not. */
import { expect, test } from "bun:test";
import { createPool, type ProfileInput } from "@telepool/core";
import { TempFolder } from "./temp-folder.ts";

const ROWS = 20_000;

/** Counts the turns of the event loop until it is disposed of. */
class TurnCounter implements Disposable {
  turns = 0;
  #next: ReturnType<typeof setImmediate> = setImmediate(() => this.#turn());

  #turn(): void {
    this.turns++;
    this.#next = setImmediate(() => this.#turn());
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#next);
  }
}

function rows(): ProfileInput[] {
  return Array.from({ length: ROWS }, (_, number) => ({
    session: `session-${number % 10}`,
    profile: { number },
    member: "member",
    document: "document",
    timestamp: number,
  }));
}

async function openStore(folder: TempFolder) {
  const store = createPool("sqlite", { path: folder.file("telepool.db"), synchronous: "off" });
  await store.open();
  return store;
}

/** Expects that the loop turned between every two of the steps at which `turnsAt` was noted. */
function expectTurnsBetween(turnsAt: readonly number[], steps: number): void {
  expect(turnsAt.length).toBe(steps);
  expect(turnsAt.filter((turns, step) => step > 0 && turns === turnsAt[step - 1])).toEqual([]);
}

test("20 000 profiles in one transaction: the loop turns after every thousand", async () => {
  using folder = new TempFolder();
  await using store = await openStore(folder);
  const inputs = rows();
  using counter = new TurnCounter();
  await store.insertProfiles(inputs);
  expect(counter.turns).toBeGreaterThanOrEqual(ROWS / 1000);
});

test("an import: the loop turns after every transaction", async () => {
  using folder = new TempFolder();
  await using store = await openStore(folder);
  using counter = new TurnCounter();
  const turnsAt: number[] = [];
  await store.importProfiles(rows(), { onProgress: () => turnsAt.push(counter.turns) });
  expectTurnsBetween(turnsAt, ROWS / 1000);
});

test("pruning: the loop turns after every transaction, of profiles and of events", async () => {
  using folder = new TempFolder();
  await using store = await openStore(folder);
  await store.insertProfiles(rows());
  await Promise.all(
    Array.from({ length: 2000 }, (_, timestamp) => store.recordEvent("click", {}, null, { timestamp })),
  );
  using counter = new TurnCounter();
  const turnsAt: number[] = [];
  await store.prune({ olderThanMs: 0, onProgress: () => turnsAt.push(counter.turns) });
  expectTurnsBetween(turnsAt, (ROWS + 2000) / 500);
});

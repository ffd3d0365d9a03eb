import { expect, test } from "bun:test";
import { drainMicrotasks } from "../testing/fake-clock.ts";
import { readAhead } from "./read-ahead.ts";

test("the next page is read while one is worked on, and no further", async () => {
  const begun: number[] = [];
  async function* pages(): AsyncGenerator<number, void, undefined> {
    for (let page = 0; page < 3; page++) {
      begun.push(page);
      yield page;
    }
  }
  const seen: number[] = [];
  for await (const page of readAhead(pages())) {
    await drainMicrotasks();
    seen.push(page);
    expect(begun).toEqual([0, 1, 2].slice(0, page + 2));
  }
  expect(seen).toEqual([0, 1, 2]);
});

test("a failure is thrown in its turn, and not before", async () => {
  async function* pages(): AsyncGenerator<number, void, undefined> {
    yield 1;
    throw new Error("unreadable");
  }
  const ahead = readAhead(pages());
  expect((await ahead.next()).value).toBe(1);
  await drainMicrotasks();
  expect(await ahead.next().catch((error: unknown) => String(error))).toBe("Error: unreadable");
});

test("a failure that nobody reads on to is nobody's", async () => {
  async function* pages(): AsyncGenerator<number, void, undefined> {
    yield 1;
    throw new Error("unreadable");
  }
  for await (const page of readAhead(pages())) {
    expect(page).toBe(1);
    break;
  }
  await drainMicrotasks();
});

test("who stops reading has nothing under way any more, and the pages have ended", async () => {
  let isUnderWay = false;
  let hasEnded = false;
  async function* pages(): AsyncGenerator<number, void, undefined> {
    try {
      for (let page = 0; ; page++) {
        isUnderWay = true;
        await drainMicrotasks();
        isUnderWay = false;
        yield page;
      }
    } finally {
      hasEnded = true;
    }
  }
  for await (const page of readAhead(pages())) if (page === 1) break;
  expect({ isUnderWay, hasEnded }).toEqual({ isUnderWay: false, hasEnded: true });
});

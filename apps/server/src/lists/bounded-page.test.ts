import { expect, test } from "bun:test";
import { cursorAfter, type PageRequest } from "@telepool/core";
import { boundedPage } from "./bounded-page.ts";

interface Item {
  readonly timestamp: number;
  readonly id: string;
  readonly text: string;
}

/** A list of `count` items of `length` characters, and the page requests that it was sent. */
function listOf(count: number, length: number) {
  const items = Array.from({ length: count }, (_, position): Item => {
    return { timestamp: count - position, id: `i${position}`, text: "x".repeat(length) };
  });
  const requests: PageRequest[] = [];
  const read = async (request: PageRequest) => {
    requests.push(request);
    const { limit = 50, cursor } = request;
    const start = items.findIndex((item) => cursorAfter(item) === cursor) + 1;
    const slice = items.slice(start, start + limit);
    const last = slice.at(-1);
    const hasMore = start + limit < items.length;
    return { items: slice, nextCursor: hasMore && last !== undefined ? cursorAfter(last) : null };
  };
  return { read, requests, keyOf: (item: Item) => item, toJson: (item: Item) => item };
}

test("small items are read in two steps, and the page is as long as was asked for", async () => {
  const list = listOf(300, 10);
  const page = await boundedPage({ limit: 100 }, list);
  expect(page.items).toHaveLength(100);
  expect(list.requests.map(({ limit }) => limit)).toEqual([20, 80]);
  const rest = await boundedPage({ limit: 1000, cursor: page.nextCursor ?? "" }, list);
  expect(rest.items).toHaveLength(200);
  expect(rest.nextCursor).toBeNull();
});

test("a page of large items ends early, and its cursor goes on without a gap", async () => {
  const list = listOf(40, 1000);
  const ids: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await boundedPage({ limit: 40, cursor }, { ...list, maxLength: 5000 });
    expect(page.items.join("").length).toBeLessThan(6100);
    ids.push(...page.items.map((json) => JSON.parse(json).id));
    cursor = page.nextCursor ?? undefined;
    pages++;
  } while (cursor !== undefined);
  expect(ids).toEqual(Array.from({ length: 40 }, (_, position) => `i${position}`));
  expect(pages).toBe(8);
});

test("a single item that is larger than a page is a page", async () => {
  const list = listOf(2, 10_000);
  const page = await boundedPage({}, { ...list, maxLength: 100 });
  expect(page.items).toHaveLength(1);
  expect(page.nextCursor).not.toBeNull();
});

test("a list that ends where the page is full has no cursor", async () => {
  expect((await boundedPage({ limit: 20 }, listOf(20, 1))).nextCursor).toBeNull();
  expect((await boundedPage({ limit: 5 }, { ...listOf(1, 10_000), maxLength: 100 })).nextCursor).toBeNull();
  expect(await boundedPage({}, listOf(0, 1))).toEqual({ items: [], nextCursor: null });
});

import { expect, test } from "bun:test";
import type { StoredRows } from "@telepool/core";
import { TailFeed } from "./tail-feed.ts";

/** A store that tells its listeners what a test says. */
function source() {
  const listeners = new Set<(stored: StoredRows) => void>();
  return {
    listeners,
    onStored: (listener: (stored: StoredRows) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    store: (...ids: string[]) => {
      const rows = ids.map((id) => ({ id, session: "s", member: "m", document: "d", timestamp: 1, json: "{}" }));
      for (const listener of listeners) listener({ kind: "profiles", rows });
    },
  };
}

const idsOf = (slice: ReturnType<TailFeed["from"]>) => slice.rows.map(({ item }) => item.row.id);

test("a feed without readers does not listen", () => {
  const store = source();
  const feed = new TailFeed(store);
  expect(store.listeners.size).toBe(0);
  using _ = feed.join();
  expect(store.listeners.size).toBe(1);
});

test("a reader gets what comes after its place, in order, as much as it asks for", () => {
  const store = source();
  const feed = new TailFeed(store);
  using _ = feed.join();
  const place = feed.next;
  store.store("a", "b");
  store.store("c");
  expect(idsOf(feed.from(place, 2))).toEqual(["a", "b"]);
  expect(idsOf(feed.from(place + 2, 2))).toEqual(["c"]);
  expect(idsOf(feed.from(feed.next, 2))).toEqual([]);
});

test("a reader that is slower than the ring learns how many rows it missed", () => {
  const store = source();
  const feed = new TailFeed(store, { maxRows: 3 });
  using _ = feed.join();
  const place = feed.next;
  for (let row = 0; row < 100; row++) store.store(`r${row}`);
  const slice = feed.from(place, 10);
  expect(slice.missed).toBe(97);
  expect(idsOf(slice)).toEqual(["r97", "r98", "r99"]);
});

test("the ring is bounded by the length of what it holds, too", () => {
  const store = source();
  const feed = new TailFeed(store, { maxLength: 10 }); // five times {}
  using _ = feed.join();
  const place = feed.next;
  store.store("a", "b", "c", "d", "e", "f", "g");
  expect(feed.from(place, 10).missed).toBe(2);
});

test("a place has a name to come back with, which means nothing to another feed", () => {
  const store = source();
  const feed = new TailFeed(store);
  using _ = feed.join();
  store.store("a", "b");
  const name = feed.nameOf(feed.next - 2);
  expect(idsOf(feed.from(feed.placeAfter(name) ?? 0, 10))).toEqual(["b"]);
  expect(feed.placeAfter(feed.nameOf(feed.next - 1))).toBe(feed.next);
  expect(feed.placeAfter(feed.nameOf(feed.next))).toBeUndefined();
  expect(new TailFeed(store).placeAfter(name)).toBeUndefined();
  for (const nonsense of ["", "1", "a-b", `${name}-1`, name.replace("-", "--")]) {
    expect(feed.placeAfter(nonsense)).toBeUndefined();
  }
});

test("the rows are kept for a while after the last reader has gone, and then forgotten", async () => {
  const store = source();
  const feed = new TailFeed(store, { lingerMs: 0 });
  const reader = feed.join();
  store.store("a");
  const name = feed.nameOf(feed.next - 1);
  reader[Symbol.dispose]();
  reader[Symbol.dispose]();
  expect(feed.readers).toBe(0);
  expect(feed.placeAfter(name)).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 1)); // due after the feed's own timer
  expect(feed.placeAfter(name)).toBeUndefined();
  expect(store.listeners.size).toBe(0);
});

test("a reader that comes back in time finds its place", () => {
  const store = source();
  const feed = new TailFeed(store);
  feed.join()[Symbol.dispose]();
  const name = feed.nameOf(feed.next - 1);
  store.store("missed while away");
  using _ = feed.join();
  expect(idsOf(feed.from(feed.placeAfter(name) ?? 0, 10))).toEqual(["missed while away"]);
});

import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { TailFeed } from "./tail-feed.ts";
import type { TailFilter } from "./tail-filter.ts";
import { tailStream } from "./tail-stream.ts";

const profile = { session: "s1", member: "nolarose", document: "a.md", profile: { ms: 1 } };

/** A store with a reader of its tail. */
async function follow(filter: TailFilter = {}, lastEventId?: string, feedOptions = {}) {
  const store = createPool("sqlite://:memory:");
  await store.open();
  const feed = new TailFeed(store, feedOptions);
  const end = new AbortController();
  const missed: number[] = [];
  const open = (id: string | undefined) =>
    tailStream(feed, {
      filter,
      lastEventId: id,
      signal: end.signal,
      idleMs: 30_000,
      onMissed: (rows) => missed.push(rows),
      heartbeatMs: 5,
    }).getReader();
  const reader = open(lastEventId);
  return {
    store,
    feed,
    missed,
    end,
    reader,
    open,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await store.close();
    },
  };
}

interface Message {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: unknown;
}

type Reader = Awaited<ReturnType<typeof follow>>["reader"];

/** The messages of the next piece that is more than a heartbeat. */
async function next(reader: Reader): Promise<Message[]> {
  for (;;) {
    const { value } = await reader.read();
    const text = new TextDecoder().decode(value);
    const blocks = text.split("\n\n").filter((block) => block.includes("event: "));
    if (blocks.length > 0) return blocks.map(parse);
  }
}

function parse(block: string): Message {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
  return { event: field("event"), id: field("id"), data: JSON.parse(field("data") ?? "null") };
}

test("a reader is greeted with its place, and then gets what is stored", async () => {
  await using tail = await follow();
  expect(await next(tail.reader)).toEqual([{ event: "ready", id: tail.feed.nameOf(0), data: {} }]);
  await tail.store.insertProfiles([{ ...profile, id: "p1", timestamp: 5 }]);
  await tail.store.insertEvents([{ id: "e1", type: "login", data: { a: 1 }, session: "s1", timestamp: 6 }]);
  expect([...(await next(tail.reader))]).toEqual([
    { event: "profile", id: tail.feed.nameOf(1), data: { ...profile, id: "p1", timestamp: 5 } },
    {
      event: "event",
      id: tail.feed.nameOf(2),
      data: { id: "e1", event_type: "login", data: { a: 1 }, session: "s1", timestamp: 6 },
    },
  ]);
});

test("a row that was stored before is not told again", async () => {
  await using tail = await follow();
  await next(tail.reader);
  await tail.store.insertProfiles([{ ...profile, id: "old" }]);
  await tail.store.insertProfiles([
    { ...profile, id: "old" },
    { ...profile, id: "new" },
  ]);
  expect((await next(tail.reader)).map(({ data }) => data)).toMatchObject([{ id: "old" }, { id: "new" }]);
});

const filters: [filter: TailFilter, ids: string[]][] = [
  [{}, ["p1", "p2", "e1", "e2"]],
  [{ kind: "profiles" }, ["p1", "p2"]],
  [{ kind: "events" }, ["e1", "e2"]],
  [{ member: "nolarose" }, ["p1"]],
  [{ document: "b.md" }, ["p2"]],
  [{ session: "s1" }, ["p1", "e1"]],
  [{ event_type: "logout" }, ["e2"]],
  [{ kind: "profiles", session: "s2" }, ["p2"]],
];

for (const [filter, ids] of filters) {
  test(`the filter ${JSON.stringify(filter)} lets through ${ids.join(", ")}`, async () => {
    await using tail = await follow(filter);
    await next(tail.reader);
    await tail.store.insertProfiles([
      { ...profile, id: "p1" },
      { session: "s2", member: "other", document: "b.md", profile: {}, id: "p2" },
    ]);
    await tail.store.insertEvents([
      { id: "e1", type: "login", session: "s1" },
      { id: "e2", type: "logout" },
    ]);
    expect((await next(tail.reader)).map(({ data }) => data)).toMatchObject(ids.map((id) => ({ id })));
  });
}

test("who comes back with its last id gets what it missed, and nothing twice", async () => {
  await using tail = await follow();
  await next(tail.reader);
  await tail.store.insertProfiles([{ ...profile, id: "p1" }]);
  const [seen] = await next(tail.reader);
  await tail.store.insertProfiles([{ ...profile, id: "p2" }]);
  const again = tail.open(seen?.id);
  const messages = await next(again);
  expect(messages.map(({ event }) => event)).toEqual(["ready", "profile"]);
  expect(messages[1]?.data).toMatchObject({ id: "p2" });
});

test("who comes back to a server that knows nothing of it is told that rows are missing", async () => {
  await using tail = await follow({}, "0123456789abcdef-17");
  expect((await next(tail.reader)).map(({ event, data }) => ({ event, data }))).toEqual([
    { event: "ready", data: {} },
    { event: "missed", data: { rows: null } },
  ]);
});

test("a reader that does not read holds nobody up, and learns how much it missed", async () => {
  await using tail = await follow({}, undefined, { maxRows: 10 });
  await next(tail.reader);
  for (let batch = 0; batch < 20; batch++) await tail.store.insertProfiles(Array(5).fill(profile));
  const [first, ...rest] = await next(tail.reader);
  expect(first).toMatchObject({ event: "missed", data: { rows: 90 } });
  expect(rest).toHaveLength(10);
  expect(tail.missed).toEqual([90]);
});

test("a silent tail has a heartbeat", async () => {
  await using tail = await follow();
  await next(tail.reader);
  const { value } = await tail.reader.read();
  expect(new TextDecoder().decode(value)).toBe(":\n\n");
});

test("the end of the server ends the stream and counts its reader out", async () => {
  await using tail = await follow();
  await next(tail.reader);
  const reading = tail.reader.read();
  tail.end.abort();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(tail.feed.readers).toBe(0);
});

test("a reader that goes away is counted out", async () => {
  await using tail = await follow();
  await tail.reader.cancel();
  expect(tail.feed.readers).toBe(0);
});

test("a piece is short however much there is to send, and none of it is lost", async () => {
  await using tail = await follow();
  await next(tail.reader);
  const large = { ...profile, profile: { text: "x".repeat(50_000) } };
  await tail.store.insertProfiles(Array.from({ length: 9 }, (_, n) => ({ ...large, id: `p${n}` })));
  const ids: unknown[] = [];
  while (ids.length < 9) {
    const messages = await next(tail.reader);
    expect(messages.length).toBeLessThanOrEqual(2);
    ids.push(...messages.map(({ data }) => (data as { id: string }).id));
  }
  expect(ids).toEqual(Array.from({ length: 9 }, (_, n) => `p${n}`));
});

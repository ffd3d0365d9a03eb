import { beforeEach, describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { measured, Stopwatch } from "../call-timing.ts";
import { systemClock } from "../clock.ts";
import { TelepoolError } from "../errors.ts";
import { drainMicrotasks } from "../testing/fake-clock.ts";
import { type BatchReader, LookupQueue, NOT_NOW } from "./lookup-queue.ts";
import type { LookupQueueOptions } from "./queue-options.ts";

/** Reads `value of <key>`; knows no key that begins with `no`; holds while it is told to. */
class FakeReader implements BatchReader<string> {
  readonly name = "profiles";
  readonly batches: (readonly string[])[] = [];
  readonly held: { resolve: () => void; reject: (error: Error) => void }[] = [];
  holds = false;
  isNear = false;
  concurrency = 1;

  async read(keys: readonly string[]): Promise<(string | undefined)[]> {
    this.batches.push(keys);
    if (this.holds) await new Promise<void>((resolve, reject) => this.held.push({ resolve, reject }));
    return keys.map(storedUnder);
  }

  readNow(key: string): string | undefined | typeof NOT_NOW {
    return this.isNear ? storedUnder(key) : NOT_NOW;
  }

  maxConcurrentBatches(): number {
    return this.concurrency;
  }
}

const storedUnder = (key: string): string | undefined => (key.startsWith("no") ? undefined : `value of ${key}`);
const code = (error: unknown): unknown => (error instanceof TelepoolError ? error.code : error);

let reader: FakeReader;

beforeEach(() => {
  reader = new FakeReader();
});

function open(options: LookupQueueOptions = {}): LookupQueue<string> {
  return new LookupQueue(reader, { maxBatchKeys: 500, maxWaiting: 100_000, ...options });
}

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `key-${n}`);
}

describe("collecting", () => {
  test("lookups of the same turn are one query, in the order in which they were asked for", async () => {
    const queue = open();
    const values = await Promise.all(keys(20).map((key) => queue.get(key)));
    expect(values).toEqual(keys(20).map(storedUnder));
    expect(reader.batches).toEqual([keys(20)]);
  });

  test("a lookup that goes alone leaves before the next turn of the event loop", async () => {
    const queue = open();
    const value = queue.get("key");
    await Promise.resolve();
    expect(reader.batches).toEqual([["key"]]);
    expect(await value).toBe("value of key");
  });

  test("a key that several callers want is read once for all of them", async () => {
    const queue = open();
    expect(await Promise.all([queue.get("a"), queue.get("b"), queue.get("a")])).toEqual([
      "value of a",
      "value of b",
      "value of a",
    ]);
    expect(reader.batches).toEqual([["a", "b"]]);
    expect(queue.stats()).toEqual({ waiting: 0, batches: 1, keys: 2 });
  });

  test("a key that is not there is undefined", async () => {
    expect(await open().get("nobody")).toBeUndefined();
  });

  test("keys that are asked for during a query go together in the next one", async () => {
    reader.holds = true;
    const queue = open();
    const first = queue.get("first");
    await drainMicrotasks();
    const later = keys(5).map((key) => queue.get(key));
    await drainMicrotasks();
    expect(reader.batches).toEqual([["first"]]);
    reader.holds = false;
    reader.held[0]?.resolve();
    await Promise.all([first, ...later]);
    expect(reader.batches).toEqual([["first"], keys(5)]);
  });

  test("a query has at most maxBatchKeys keys, and as many run beside each other as the reader allows", async () => {
    reader.holds = true;
    reader.concurrency = 2;
    const queue = open({ maxBatchKeys: 3 });
    const values = Promise.all(keys(8).map((key) => queue.get(key)));
    await drainMicrotasks();
    expect(reader.batches.map((batch) => batch.length)).toEqual([3, 3]);
    reader.holds = false;
    for (const batch of reader.held) batch.resolve();
    expect(await values).toEqual(keys(8).map(storedUnder));
    expect(reader.batches.map((batch) => batch.length)).toEqual([3, 3, 2]);
  });

  test("a failed query rejects its callers, and the next one goes on", async () => {
    reader.holds = true;
    const queue = open();
    const failed = Promise.allSettled([queue.get("a"), queue.get("b")]);
    await drainMicrotasks();
    reader.held[0]?.reject(new Error("lost"));
    expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    reader.holds = false;
    expect(await queue.get("c")).toBe("value of c");
    expect(queue.stats().waiting).toBe(0);
  });
});

describe("a reader that is near", () => {
  test("answers at once, without a query", async () => {
    reader.isNear = true;
    const queue = open();
    expect(await Promise.all([queue.get("a"), queue.get("nobody")])).toEqual(["value of a", undefined]);
    expect(reader.batches).toEqual([]);
    expect(queue.stats()).toEqual({ waiting: 0, batches: 2, keys: 2 });
  });

  test("is at the database for as long as it takes, and nowhere else", async () => {
    reader.isNear = true;
    let nowMs = 100;
    const readNow = reader.readNow.bind(reader);
    reader.readNow = (key) => {
      nowMs += 3;
      return readNow(key);
    };
    const timing = { queueMs: 0, poolMs: 0, databaseMs: 0 };
    const watch = new Stopwatch(timing, { ...systemClock, monotonicMs: () => nowMs });
    await measured(open().get("a", {}, watch), watch);
    expect(timing).toEqual({ queueMs: 0, poolMs: 0, databaseMs: 3 });
  });

  test("lets the event loop have a turn after some hundred answers", async () => {
    reader.isNear = true;
    const queue = open();
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const turns: boolean[] = [];
    for (const key of keys(1000)) {
      await queue.get(key);
      turns.push(turned);
    }
    expect(turns.slice(0, 200)).not.toContain(true);
    expect(turns.at(-1)).toBe(true);
  });
});

describe("limits and ends", () => {
  test("beyond maxWaiting a lookup is refused, with the limit", async () => {
    const queue = open({ maxWaiting: 2 });
    const accepted = [queue.get("a"), queue.get("b")];
    const refused = await queue.get("c").catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "QUEUE_FULL", retryAfterMs: 1000 });
    expect(String(refused)).toContain("maxWaiting=2");
    await Promise.all(accepted);
    expect(await queue.get("c")).toBe("value of c");
  });

  test("an abort before, while waiting and under way rejects its caller alone", async () => {
    reader.holds = true;
    const queue = open();
    expect(code(await queue.get("a", { signal: AbortSignal.abort() }).catch((error: unknown) => error))).toBe(
      "ABORTED",
    );
    const underWay = new AbortController();
    const first = queue.get("a", { signal: underWay.signal }).catch(code);
    const sharer = queue.get("a");
    await drainMicrotasks();
    const waiting = new AbortController();
    const second = queue.get("b", { signal: waiting.signal }).catch(code);
    underWay.abort();
    waiting.abort();
    expect([await first, await second]).toEqual(["ABORTED", "ABORTED"]);
    reader.held[0]?.resolve();
    expect(await sharer).toBe("value of a");
    await drainMicrotasks();
    expect(reader.batches).toEqual([["a"]]);
    expect(queue.stats().waiting).toBe(0);
  });

  test("no listener stays on a signal", async () => {
    const { signal } = new AbortController();
    const queue = open();
    await queue.get("a", { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("close answers what was accepted and refuses what comes after", async () => {
    const queue = open({ maxBatchKeys: 2 });
    const accepted = Promise.all(keys(7).map((key) => queue.get(key)));
    let isClosed = false;
    const closed = queue.close().then(() => {
      isClosed = true;
    });
    expect(code(await queue.get("late").catch((error: unknown) => error))).toBe("POOL_CLOSED");
    expect(isClosed).toBe(false);
    expect(await accepted).toEqual(keys(7).map(storedUnder));
    await closed;
    await queue.close();
  });

  test("close of a queue whose last lookup is withdrawn ends", async () => {
    reader.holds = true;
    const queue = open();
    const first = queue.get("a");
    await drainMicrotasks();
    const controller = new AbortController();
    const second = queue.get("b", { signal: controller.signal }).catch(code);
    const closed = queue.close();
    controller.abort();
    reader.held[0]?.resolve();
    await closed;
    expect([await first, await second]).toEqual(["value of a", "ABORTED"]);
  });

  test("abandon rejects what waits and what is under way", async () => {
    reader.holds = true;
    const queue = open();
    const first = queue.get("a").catch(code);
    await drainMicrotasks();
    const second = queue.get("b").catch(code);
    const closed = queue.close();
    queue.abandon(new TelepoolError("CLOSE_TIMEOUT", "too late"));
    expect([await first, await second]).toEqual(["CLOSE_TIMEOUT", "CLOSE_TIMEOUT"]);
    await closed;
  });
});

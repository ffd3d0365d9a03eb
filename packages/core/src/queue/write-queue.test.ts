import { beforeEach, describe, expect, test } from "bun:test";
import { getEventListeners } from "node:events";
import { TelepoolError } from "../errors.ts";
import { FakeBatchWriter, type HeldBatch, RowError } from "../testing/fake-batch-writer.ts";
import { drainMicrotasks } from "../testing/fake-clock.ts";
import type { WriteQueueOptions } from "./queue-options.ts";
import { WriteQueue } from "./write-queue.ts";

const ROOMY = {
  maxBatchRows: 1000,
  maxBatchBytes: 1e6,
  maxQueueRows: 1e6,
  maxQueueBytes: 1e9,
  maxWaiting: 1e6,
  maxWaitingBytes: 1e9,
};

let writer: FakeBatchWriter;

beforeEach(() => {
  writer = new FakeBatchWriter();
});

function open(options: WriteQueueOptions = {}): WriteQueue<string> {
  return new WriteQueue(writer, { ...ROOMY, ...options });
}

function rows(count: number, prefix = "row"): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
}

/** What became of a promise so far: a value, an error, or nothing. */
function watch<T>(promise: Promise<T>): { value?: T; error?: unknown; settlements: number } {
  const outcome: { value?: T; error?: unknown; settlements: number } = { settlements: 0 };
  const settle = (result: { value?: T; error?: unknown }) => {
    Object.assign(outcome, result);
    outcome.settlements++;
  };
  promise.then(
    (value) => settle({ value }),
    (error: unknown) => settle({ error }),
  );
  return outcome;
}

async function firstHeld(): Promise<HeldBatch> {
  await drainMicrotasks();
  return writer.held[0] ?? expect.unreachable("no batch is under way");
}

const code = (error: unknown): unknown => (error instanceof TelepoolError ? error.code : error);

describe("group commit", () => {
  test("rows that are added in the same turn of the event loop form one batch, in their order", async () => {
    const queue = open();
    await Promise.all(rows(100).map((row) => queue.add(row)));
    expect(writer.batches).toEqual([rows(100)]);
  });

  test("a caller that goes alone has batches of one row", async () => {
    const queue = open();
    for (const row of rows(3)) await queue.add(row);
    expect(writer.batches).toEqual([["row-0"], ["row-1"], ["row-2"]]);
  });

  test("a row at a quiet queue leaves at the next turn of the event loop, without a timer", async () => {
    const queue = open();
    const added = queue.add("row");
    expect(writer.batches).toEqual([]);
    await drainMicrotasks();
    expect(writer.batches).toEqual([["row"]]);
    await added;
  });

  test("rows that arrive while a batch is being written form the next one", async () => {
    writer.holds = true;
    const queue = open();
    const first = queue.add("first");
    const batch = await firstHeld();
    const later = rows(5).map((row) => queue.add(row));
    await drainMicrotasks();
    expect(writer.batches).toEqual([["first"]]);
    writer.holds = false;
    batch.succeed();
    await Promise.all([first, ...later]);
    expect(writer.batches).toEqual([["first"], rows(5)]);
  });

  test("a batch holds at most maxBatchRows rows", async () => {
    const queue = open({ maxBatchRows: 4 });
    await Promise.all(rows(10).map((row) => queue.add(row)));
    expect(writer.batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(writer.stored).toEqual(rows(10));
  });

  test("a batch holds at most maxBatchBytes, and a larger row goes alone", async () => {
    const queue = open({ maxBatchBytes: 10 });
    const lengths = [4, 6, 1, 25, 3, 3];
    await Promise.all(lengths.map((length) => queue.add("x".repeat(length))));
    expect(writer.batches.map((batch) => batch.map((row) => row.length))).toEqual([[4, 6], [1], [25], [3, 3]]);
  });

  test("full batches are written beside each other, as many as the writer allows", async () => {
    writer.holds = true;
    writer.concurrency = 3;
    const queue = open({ maxBatchRows: 2 });
    const added = rows(9).map((row) => queue.add(row));
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    expect(writer.held.map((batch) => batch.rows.length)).toEqual([2, 2, 2]);
    for (let turn = 0; turn < 5; turn++) {
      for (const batch of [...writer.held]) batch.succeed();
      await drainMicrotasks();
    }
    await Promise.all(added);
    expect(writer.mostAtOnce).toBe(3);
    expect(writer.stored.toSorted()).toEqual(rows(9));
  });

  test("many rows are shared among the batches that may go side by side, but never too few for a commit", async () => {
    writer.holds = true;
    writer.concurrency = 4;
    const queue = open();
    const added = rows(2000).map((row) => queue.add(row));
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    expect(writer.held.map((batch) => batch.rows.length)).toEqual([500, 500, 500, 500]);
    const few = rows(300, "few").map((row) => queue.add(row));
    writer.held[0]?.succeed();
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    expect(writer.held.map((batch) => batch.rows.length)).toEqual([500, 500, 500, 300]);
    const fewer = rows(249, "fewer").map((row) => queue.add(row));
    writer.held[0]?.succeed();
    for (let turn = 0; turn < 5; turn++) await drainMicrotasks();
    expect(writer.held.map((batch) => batch.rows.length)).toEqual([500, 500, 300]); // too few beside the others
    writer.holds = false;
    for (const batch of [...writer.held]) batch.succeed();
    await Promise.all([...added, ...few, ...fewer]);
    expect(writer.stored.length).toBe(2549);
  });

  test("a batch that is not full waits for the one before it, even when the writer allows more", async () => {
    writer.holds = true;
    writer.concurrency = 3;
    const queue = open({ maxBatchRows: 10 });
    const first = queue.add("first");
    const batch = await firstHeld();
    const second = queue.add("second");
    await drainMicrotasks();
    expect(writer.held.length).toBe(1);
    writer.holds = false;
    batch.succeed();
    await Promise.all([first, second]);
  });
});

describe("outcomes", () => {
  test("every caller hears whether its own row was a duplicate", async () => {
    writer.holds = true;
    const queue = open();
    const added = rows(4).map((row) => queue.add(row));
    (await firstHeld()).succeed([1, 3]);
    expect((await Promise.all(added)).map(({ duplicate }) => duplicate)).toEqual([false, true, false, true]);
    expect(queue.stats()).toMatchObject({ rows: 4, duplicates: 2, batches: 1, rejected: 0, meanBatchRows: 4 });
    expect(writer.latencies.length).toBe(4);
  });

  test("bad rows are rejected alone, wherever they stand", async () => {
    const queue = open();
    const names = rows(33).map((row, n) => ([0, 13, 14, 32].includes(n) ? `bad-${n}` : row));
    const outcomes = await Promise.allSettled(names.map((row) => queue.add(row)));
    expect(outcomes.map(({ status }) => status === "rejected")).toEqual(names.map((row) => row.startsWith("bad")));
    expect(writer.stored).toEqual(names.filter((row) => !row.startsWith("bad")));
    expect(queue.stats()).toMatchObject({ rows: 29, rejected: 4, queuedRows: 0, queuedBytes: 0 });
  });

  test("a batch whose rows are all bad rejects each of them", async () => {
    const queue = open();
    const outcomes = await Promise.allSettled(rows(5, "bad").map((row) => queue.add(row)));
    expect(outcomes.every((outcome) => outcome.status === "rejected" && outcome.reason instanceof RowError)).toBe(true);
  });

  test("a failure that is no row's fault rejects the batch as it is", async () => {
    writer.holds = true;
    const queue = open();
    const outcomes = rows(4).map((row) => watch(queue.add(row)));
    const failure = new Error("the disk is full");
    (await firstHeld()).fail(failure);
    await drainMicrotasks();
    expect(outcomes.map(({ error }) => error)).toEqual([failure, failure, failure, failure]);
    expect(writer.batches.length).toBe(1);
    expect(queue.stats()).toMatchObject({ queuedRows: 0, queuedBytes: 0, rejected: 4 });
  });

  test("the queue goes on after a failure", async () => {
    writer.holds = true;
    const queue = open();
    const failed = watch(queue.add("first"));
    const batch = await firstHeld();
    const second = queue.add("second");
    writer.holds = false;
    batch.fail(new Error("lost"));
    await second;
    expect(failed.error).toBeInstanceOf(Error);
    expect(writer.stored).toEqual(["second"]);
  });
});

describe("back-pressure", () => {
  test("beyond maxQueueRows callers wait for room, and are served in their order", async () => {
    const queue = open({ maxQueueRows: 3, maxBatchRows: 2 });
    const added = rows(20).map((row) => queue.add(row));
    expect(queue.stats()).toMatchObject({ queuedRows: 3, waiting: 17 });
    await Promise.all(added);
    expect(writer.stored).toEqual(rows(20));
    expect(queue.stats()).toMatchObject({ queuedRows: 0, waiting: 0, queuedBytes: 0 });
  });

  test("a caller that will not wait is refused, with the limit that was reached", async () => {
    const byRows = open({ maxQueueRows: 2 });
    const accepted = rows(2).map((row) => byRows.add(row, { wait: false }));
    const refused = await byRows.add("third", { wait: false }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "QUEUE_FULL", retryAfterMs: 1000 });
    expect(String(refused)).toContain("maxQueueRows=2");
    await Promise.all(accepted);
    await byRows.add("fourth", { wait: false });

    const byBytes = open({ maxQueueBytes: 10 });
    const heavy = byBytes.add("x".repeat(8), { wait: false });
    expect(String(await byBytes.add("xxx", { wait: false }).catch(String))).toContain("maxQueueBytes=10");
    await heavy;
  });

  test("a row that is larger than maxQueueBytes is accepted by an empty queue", async () => {
    const queue = open({ maxQueueBytes: 10 });
    expect(await queue.add("x".repeat(100), { wait: false })).toEqual({ duplicate: false });
  });

  test("when maxWaiting callers wait, the next is refused although it would wait", async () => {
    const queue = open({ maxQueueRows: 1, maxWaiting: 2 });
    const added = rows(3).map((row) => queue.add(row));
    expect(String(await queue.add("fourth").catch(String))).toContain("maxWaiting=2");
    await Promise.all(added);
  });

  test("rows of waiting callers beyond maxWaitingBytes are refused, and do not count as queued", async () => {
    const queue = open({ maxQueueBytes: 10, maxWaitingBytes: 12 });
    const added = ["x".repeat(10), "x".repeat(6), "x".repeat(6)].map((row) => queue.add(row));
    expect(queue.stats()).toMatchObject({ queuedRows: 1, queuedBytes: 10, waiting: 2 });
    const refused = await queue.add("x").catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "QUEUE_FULL", retryAfterMs: 1000 });
    expect(String(refused)).toContain("maxWaitingBytes=12 is reached (rows=1 bytes=10 waiting=2 waitingBytes=12)");
    await Promise.all(added);
    expect(await queue.add("x")).toEqual({ duplicate: false });
  });

  test("callers stop waiting as soon as rows leave, and make room for others who wait", async () => {
    writer.holds = true;
    const queue = open({ maxQueueRows: 10, maxBatchRows: 5, maxWaiting: 10 });
    const added = rows(20).map((row) => queue.add(row));
    (await firstHeld()).succeed();
    await drainMicrotasks();
    expect(queue.stats()).toMatchObject({ queuedRows: 10, waiting: 5, queuedBytes: 5 * 5 + 5 * 6 });
    added.push(...rows(5, "more").map((row) => queue.add(row)));
    expect(queue.stats()).toMatchObject({ queuedRows: 10, waiting: 10 });
    expect(String(await queue.add("late").catch(String))).toContain("maxWaiting=10");
    const second = await firstHeld();
    writer.holds = false;
    second.fail(new Error("lost"));
    const outcomes = await Promise.allSettled(added);
    expect(outcomes.filter(({ status }) => status === "rejected").length).toBe(5);
    expect(writer.stored).toEqual([...rows(5), ...rows(20).slice(10), ...rows(5, "more")]);
    expect(queue.stats()).toMatchObject({ queuedRows: 0, waiting: 0, queuedBytes: 0 });
  });

  test("a caller whose row is large waits for its room before smaller ones that came later", async () => {
    writer.holds = true;
    const queue = open({ maxQueueBytes: 10 });
    const first = queue.add("x".repeat(6));
    const batch = await firstHeld();
    const controller = new AbortController();
    const large = watch(queue.add("x".repeat(9), { signal: controller.signal }));
    const small = queue.add("x");
    expect(String(await queue.add("y", { wait: false }).catch(String))).toContain("maxQueueBytes=10");
    expect(queue.stats()).toMatchObject({ queuedRows: 1, waiting: 2 });
    controller.abort();
    expect(queue.stats()).toMatchObject({ queuedRows: 2, queuedBytes: 7, waiting: 0 });
    writer.holds = false;
    batch.succeed();
    await Promise.all([first, small]);
    expect(code(large.error)).toBe("ABORTED");
  });

  test("a caller that will not wait does not overtake those who wait", async () => {
    writer.holds = true;
    const queue = open({ maxQueueRows: 1 });
    const first = queue.add("first");
    const batch = await firstHeld();
    const second = queue.add("second");
    expect(code(await queue.add("third", { wait: false }).catch((error: unknown) => error))).toBe("QUEUE_FULL");
    writer.holds = false;
    batch.succeed();
    await Promise.all([first, second]);
    expect(writer.stored).toEqual(["first", "second"]);
  });
});

describe("aborting", () => {
  test("a signal that has fired before refuses the row", async () => {
    const queue = open();
    const error = await queue.add("row", { signal: AbortSignal.abort("why") }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ABORTED", cause: "why" });
    await queue.flush();
    expect(writer.batches).toEqual([]);
  });

  test("a row that waits is withdrawn, and the others go on", async () => {
    const queue = open();
    const controller = new AbortController();
    const before = queue.add("before");
    const withdrawn = watch(queue.add("withdrawn", { signal: controller.signal }));
    const after = queue.add("after");
    controller.abort();
    await Promise.all([before, after]);
    expect(code(withdrawn.error)).toBe("ABORTED");
    expect(writer.stored).toEqual(["before", "after"]);
    expect(queue.stats()).toMatchObject({ queuedRows: 0, queuedBytes: 0, waiting: 0 });
  });

  test("a caller that waits for room gives up its place and its bytes", async () => {
    writer.holds = true;
    const queue = open({ maxQueueRows: 1, maxWaitingBytes: 12 });
    const first = queue.add("first");
    const batch = await firstHeld();
    const controller = new AbortController();
    const second = watch(queue.add("second", { signal: controller.signal }));
    const third = queue.add("third");
    expect(queue.stats().waiting).toBe(2);
    controller.abort();
    expect(queue.stats().waiting).toBe(1);
    const fourth = queue.add("fourth");
    writer.holds = false;
    batch.succeed();
    await Promise.all([first, third, fourth]);
    expect(code(second.error)).toBe("ABORTED");
    expect(writer.stored).toEqual(["first", "third", "fourth"]);
  });

  test("a row that is withdrawn makes room for those who wait", async () => {
    const queue = open({ maxQueueRows: 2 });
    const controller = new AbortController();
    const withdrawn = watch(queue.add("withdrawn", { signal: controller.signal }));
    const others = rows(3).map((row) => queue.add(row));
    expect(queue.stats()).toMatchObject({ queuedRows: 2, waiting: 2 });
    controller.abort();
    expect(queue.stats()).toMatchObject({ queuedRows: 2, waiting: 1 });
    await Promise.all(others);
    expect(code(withdrawn.error)).toBe("ABORTED");
    expect(writer.stored).toEqual(rows(3));
  });

  test("a row that is being written stays written, and its caller hears so", async () => {
    writer.holds = true;
    const queue = open();
    const controller = new AbortController();
    const added = queue.add("row", { signal: controller.signal });
    const batch = await firstHeld();
    controller.abort();
    batch.succeed();
    expect(await added).toEqual({ duplicate: false });
  });

  test("no listener stays on a signal, however the row ends", async () => {
    const queue = open();
    const controller = new AbortController();
    const { signal } = controller;
    const outcomes = await Promise.allSettled(["good", "bad", "good"].map((row) => queue.add(row, { signal })));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const withdrawn = watch(queue.add("withdrawn", { signal }));
    controller.abort();
    await queue.flush();
    expect(code(withdrawn.error)).toBe("ABORTED");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("flush and close", () => {
  test("flush of an empty queue resolves", async () => {
    await open().flush();
  });

  test("flush waits for what was added before, under way or not", async () => {
    writer.holds = true;
    const queue = open({ maxBatchRows: 1 });
    const added = rows(2).map((row) => watch(queue.add(row)));
    const flushed = watch(queue.flush());
    (await firstHeld()).succeed();
    await drainMicrotasks();
    expect(flushed.settlements).toBe(0);
    (await firstHeld()).succeed();
    await drainMicrotasks();
    expect(flushed.settlements).toBe(1);
    expect(added.map(({ settlements }) => settlements)).toEqual([1, 1]);
  });

  test("flush does not wait for rows that are added after it", async () => {
    writer.holds = true;
    const queue = open({ maxBatchRows: 1 });
    const before = queue.add("before");
    const flushed = watch(queue.flush());
    const after = watch(queue.add("after"));
    (await firstHeld()).succeed();
    await before;
    await drainMicrotasks();
    expect(flushed.settlements).toBe(1);
    expect(after.settlements).toBe(0);
    (await firstHeld()).succeed();
    await queue.flush();
  });

  test("flush ends under steady load", async () => {
    const queue = open();
    const added: Promise<unknown>[] = [];
    let isLoaded = true;
    const load = async () => {
      while (isLoaded) {
        added.push(queue.add("row"));
        await drainMicrotasks();
      }
    };
    const loading = load();
    await queue.flush();
    await queue.flush();
    isLoaded = false;
    await loading;
    await Promise.all(added);
  });

  test("flush resolves when the row that it waited for is withdrawn", async () => {
    writer.holds = true;
    const queue = open();
    const first = queue.add("first");
    const batch = await firstHeld();
    const controller = new AbortController();
    const second = watch(queue.add("second", { signal: controller.signal }));
    const flushed = watch(queue.flush());
    batch.succeed();
    await first;
    controller.abort();
    await drainMicrotasks();
    expect([flushed.settlements, second.settlements]).toEqual([1, 1]);
  });

  test("close writes what is queued and refuses what comes after", async () => {
    const queue = open({ maxQueueRows: 2 });
    const added = rows(5).map((row) => queue.add(row));
    const closed = queue.close();
    expect(code(await queue.add("late").catch((error: unknown) => error))).toBe("POOL_CLOSED");
    await closed;
    await Promise.all(added);
    expect(writer.stored).toEqual(rows(5));
    await queue.close();
  });

  test("abandon rejects what waits, and says of rows under way that their outcome is not known", async () => {
    writer.holds = true;
    const queue = open({ maxBatchRows: 1, maxQueueRows: 2 });
    const [first, second, third] = rows(3).map((row) => watch(queue.add(row)));
    const batch = await firstHeld();
    const closed = watch(queue.close());
    queue.abandon(new TelepoolError("CLOSE_TIMEOUT", "too late"));
    await drainMicrotasks();
    expect(code(first?.error)).toBe("COMMIT_OUTCOME_UNKNOWN");
    expect(code(second?.error)).toBe("CLOSE_TIMEOUT");
    expect(code(third?.error)).toBe("CLOSE_TIMEOUT");
    expect(closed.settlements).toBe(1);
    batch.succeed();
    await drainMicrotasks();
    expect([first, second, third].map((row) => row?.settlements)).toEqual([1, 1, 1]);
    expect(queue.stats()).toMatchObject({ queuedRows: 0, queuedBytes: 0, waiting: 0 });
  });
});

/** Random adds, aborts, failures, flushes and closes: every row settles once, rightly, and the counters return to zero. */
import { expect, test } from "bun:test";
import { isTelepoolError } from "../errors.ts";
import { FakeBatchWriter } from "../testing/fake-batch-writer.ts";
import { drainMicrotasks, seededRandom } from "../testing/fake-clock.ts";
import { WriteQueue } from "./write-queue.ts";

interface Added {
  readonly row: string;
  readonly aborts: boolean;
  settlements: number;
  stored: boolean | undefined;
  error: unknown;
}

const STEPS = 3000;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`every row settles exactly once and as it was stored (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const oneOf = (values: number) => Math.floor(random() * values);
    const writer = new FakeBatchWriter();
    writer.holds = true;
    writer.concurrency = 1 + oneOf(3);
    const limits = {
      maxQueueRows: 1 + oneOf(40),
      maxQueueBytes: 50 + oneOf(400), // more than any row has
      maxWaiting: oneOf(30),
      maxWaitingBytes: 50 + oneOf(400),
    };
    const queue = new WriteQueue(writer, {
      ...limits,
      maxBatchRows: 1 + oneOf(10),
      maxBatchBytes: 20 + oneOf(100),
    });
    const all: Added[] = [];
    const controllers: AbortController[] = [];
    const flushes: Promise<void>[] = [];

    const add = () => {
      const aborts = random() < 0.2;
      const controller = new AbortController();
      if (aborts) controllers.push(controller);
      const row = `${random() < 0.1 ? "bad" : "good"}-${all.length}-${"x".repeat(oneOf(30))}`;
      const added: Added = { row, aborts, settlements: 0, stored: undefined, error: undefined };
      all.push(added);
      const options = { wait: random() < 0.8, ...(aborts ? { signal: controller.signal } : {}) };
      const settle = (stored: boolean, error: unknown) => {
        added.settlements++;
        added.stored = stored;
        added.error = error;
      };
      queue.add(row, options).then(
        () => settle(true, undefined),
        (error: unknown) => settle(false, error),
      );
    };
    const endBatch = () => {
      const batch = writer.held[oneOf(writer.held.length)];
      if (random() < 0.15) batch?.fail(new Error("the connection was lost"));
      else batch?.succeed();
    };
    const flush = () => {
      const before = all.length;
      const expectSettled = () => expect(all.slice(0, before).every(({ settlements }) => settlements === 1)).toBe(true);
      // What has settled is told in the microtasks that follow.
      flushes.push(queue.flush().then(drainMicrotasks).then(expectSettled));
    };

    /** Rows that have not settled are held in their order: first those that count as queued, then those that wait. */
    const expectTrueCounts = () => {
      const bytes = all.filter(({ settlements }) => settlements === 0).map(({ row }) => row.length);
      const { queuedRows, queuedBytes, waiting } = queue.stats();
      const waitingBytes = bytes.slice(queuedRows);
      expect(queuedRows + waiting).toBe(bytes.length);
      expect(queuedBytes).toBe(sum(bytes.slice(0, queuedRows)));
      expect(sum(waitingBytes)).toBeLessThanOrEqual(limits.maxWaitingBytes);
      // Whoever waits longest does so because there is no room.
      const rowsLeft = limits.maxQueueRows - queuedRows;
      const bytesLeft = limits.maxQueueBytes - queuedBytes;
      expect(waitingBytes.slice(0, rowsLeft).every((length, n) => n > 0 || length > bytesLeft)).toBe(true);
    };

    for (let step = 0; step < STEPS; step++) {
      const choice = random();
      if (choice < 0.6) add();
      else if (choice < 0.85) endBatch();
      else if (choice < 0.9) controllers.splice(oneOf(controllers.length), 1)[0]?.abort();
      else if (choice < 0.92) flush();
      else {
        await drainMicrotasks();
        expectTrueCounts();
      }

      const { queuedRows, queuedBytes, waiting } = queue.stats();
      expect(queuedRows).toBeLessThanOrEqual(limits.maxQueueRows);
      expect(queuedBytes).toBeLessThanOrEqual(limits.maxQueueBytes);
      expect(waiting).toBeLessThanOrEqual(limits.maxWaiting);
    }

    const closed = queue.close();
    writer.holds = false;
    for (const batch of [...writer.held]) batch.succeed();
    await Promise.all([closed, ...flushes]);
    await drainMicrotasks();

    expect(writer.mostAtOnce).toBeLessThanOrEqual(writer.concurrency);
    const stored = new Set(writer.stored);
    expect(stored.size).toBe(writer.stored.length);
    for (const { row, settlements, stored: isStored, aborts, error } of all) {
      expect(settlements).toBe(1);
      expect(isStored).toBe(stored.has(row));
      if (isTelepoolError(error, "ABORTED")) expect(aborts).toBe(true);
    }
    expect(queue.stats()).toMatchObject({ queuedRows: 0, queuedBytes: 0, waiting: 0, rows: stored.size });
  });
}

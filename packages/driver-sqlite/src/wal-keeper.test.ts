/** The keeper's phases with a thread that does as it is told, and its effect on a real log. */
import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { createPool, TelepoolError } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";
import { TempFolder } from "../test/temp-folder.ts";
import { openDatabase } from "./open-database.ts";
import { parseSqliteOptions, type SqliteConfig } from "./sqlite-options.ts";
import { type CheckpointThread, WalKeeper } from "./wal-keeper.ts";
import type { WorkerTask } from "./worker-protocol.ts";

const MIB = 1024 * 1024;

/** A thread whose checkpoints are done at once, by a connection in this thread, and reported when the test says so. */
class SlowThread implements CheckpointThread {
  readonly modes: string[] = [];
  isClosed = false;
  readonly #database: Database;
  #next = Promise.withResolvers<void>();

  constructor(config: SqliteConfig) {
    this.#database = openDatabase(config, { writes: true, busyTimeoutMs: 0 });
  }

  async open(): Promise<void> {}

  async perform(task: WorkerTask): Promise<undefined> {
    const mode = task.kind === "checkpoint" ? task.mode : task.kind;
    this.modes.push(mode);
    this.#database.query(`pragma wal_checkpoint(${mode})`).values();
    await this.#next.promise.finally(() => {
      this.#next = Promise.withResolvers();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#next.reject(new Error("closed"));
    this.#next.promise.catch(() => undefined);
    this.#database.close();
  }

  /** Reports the checkpoint that was done, or a failure. */
  async proceed(failure?: Error): Promise<void> {
    if (failure === undefined) this.#next.resolve();
    else this.#next.reject(failure);
    await turn();
  }
}

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** A database with a writer, a keeper, and the threads that the keeper has started. */
function rig(folder: TempFolder) {
  const config = parseSqliteOptions({ path: folder.file("telepool.db"), synchronous: "off" });
  const database = openDatabase(config, { writes: true, busyTimeoutMs: 0 });
  database.run("create table filler (bytes)");
  const threads: SlowThread[] = [];
  const clock = new FakeClock();
  const startThread = () => {
    const thread = new SlowThread(config);
    threads.push(thread);
    return thread;
  };
  const keeper = new WalKeeper(config, database, startThread, clock);
  const thread = (number: number): SlowThread => {
    const found = threads[number];
    if (found === undefined) throw new Error(`the keeper has not started thread ${number}`);
    return found;
  };
  const write = (mib: number) => {
    database.query("insert into filler values (zeroblob(?))").run(mib * MIB);
    keeper.afterCommit();
  };
  const logPages = () => database.query<{ log: number }, []>("pragma wal_checkpoint(noop)").get()?.log ?? -1;
  return { clock, database, keeper, threads, thread, write, logPages };
}

test("a short log is left alone", () => {
  using folder = new TempFolder();
  const { keeper, threads, write } = rig(folder);
  write(15);
  expect(threads.length).toBe(0);
  expect(keeper.beforeWrite()).toBeUndefined();
});

test("a long log is copied while the writer goes on; then one write waits, and the log begins anew", async () => {
  using folder = new TempFolder();
  const { keeper, thread, write, logPages } = rig(folder);
  write(17);
  await turn();
  expect(keeper.beforeWrite()).toBeUndefined();
  write(1);
  await thread(0).proceed();

  const pause = keeper.beforeWrite();
  expect(pause).toBeInstanceOf(Promise);
  await turn();
  expect(thread(0).modes).toEqual(["passive", "full"]);
  await thread(0).proceed();
  await pause;
  expect(keeper.beforeWrite()).toBeUndefined();
  write(1);
  expect(logPages()).toBeLessThan(300);
  await keeper.close();
  expect(thread(0).isClosed).toBe(true);
});

test("what a fast writer adds meanwhile is copied again before a write has to wait", async () => {
  using folder = new TempFolder();
  const { keeper, thread, write } = rig(folder);
  write(17);
  await turn();
  for (let copies = 1; copies <= 3; copies++) {
    expect(thread(0).modes).toEqual(Array(copies).fill("passive"));
    write(5);
    expect(keeper.beforeWrite()).toBeUndefined();
    await thread(0).proceed();
  }
  expect(keeper.beforeWrite()).toBeInstanceOf(Promise);
  await keeper.close();
});

test("a writer that outruns the copying waits for it, so that the log stays bounded", async () => {
  using folder = new TempFolder();
  const { keeper, thread, write } = rig(folder);
  write(17);
  await turn();
  write(50);
  const pause = keeper.beforeWrite();
  expect(pause).toBeInstanceOf(Promise);
  await thread(0).proceed();
  await thread(0).proceed();
  await pause;
  await keeper.close();
});

test("a reader in the middle of a scan keeps the log; it is tried again only after as much writing", async () => {
  using folder = new TempFolder();
  const { database, keeper, thread, write, logPages } = rig(folder);
  using reader = new Database(database.filename);
  reader.run("begin");
  reader.query("select count(*) from filler").get();
  write(17);
  await turn();
  for (let copies = 1; copies <= 3; copies++) await thread(0).proceed();
  const pause = keeper.beforeWrite();
  await turn();
  await thread(0).proceed();
  await pause;
  expect(thread(0).modes.length).toBe(4);

  write(1);
  await turn();
  expect(thread(0).modes.length).toBe(4);
  expect(keeper.beforeWrite()).toBeUndefined();
  expect(logPages()).toBeGreaterThan(4000);
  write(17);
  await turn();
  expect(thread(0).modes.length).toBe(5);

  reader.run("commit");
  await thread(0).proceed();
  await thread(0).proceed();
  const secondPause = keeper.beforeWrite();
  await turn();
  await thread(0).proceed();
  await secondPause;
  write(1);
  expect(logPages()).toBeLessThan(300);
  await keeper.close();
});

test("a thread that dies in the middle of a checkpoint harms nobody, and the next checkpoint has a new one", async () => {
  using folder = new TempFolder();
  const { database, keeper, threads, thread, write } = rig(folder);
  write(17);
  await turn();
  await thread(0).proceed(new TelepoolError("CONNECTION_LOST", "the thread died"));
  expect(keeper.beforeWrite()).toBeUndefined();
  write(1);
  expect(threads.length).toBe(1);
  write(17);
  await turn();
  expect(threads.length).toBe(2);
  await thread(1).proceed();
  const pause = keeper.beforeWrite();
  await turn();
  await thread(1).proceed(new TelepoolError("CONNECTION_LOST", "the thread died"));
  await pause; // a write that waited goes on
  write(1);
  expect(database.query("pragma integrity_check").values()).toEqual([["ok"]]);
  await keeper.close();
});

test("the thread ends when it has been idle for 30 s, and the next checkpoint starts another", async () => {
  using folder = new TempFolder();
  const { clock, keeper, threads, thread, write } = rig(folder);
  write(17);
  await turn();
  await clock.advance(60_000);
  expect(thread(0).isClosed).toBe(false); // it works
  await thread(0).proceed();
  const pause = keeper.beforeWrite();
  await turn();
  await clock.advance(60_000);
  expect(thread(0).isClosed).toBe(false); // it works again
  await thread(0).proceed();
  await pause;
  await clock.advance(29_000);
  expect(thread(0).isClosed).toBe(false);
  await clock.advance(1000);
  expect(thread(0).isClosed).toBe(true);
  write(17);
  await turn();
  expect(threads.length).toBe(2);
  await thread(1).proceed();
  await keeper.close();
  expect(clock.pendingTimers).toBe(0);
});

test("closing in the middle of a checkpoint ends, and later commits start nothing", async () => {
  using folder = new TempFolder();
  const { keeper, threads, write } = rig(folder);
  write(17);
  await turn();
  await keeper.close();
  expect(threads.map(({ isClosed }) => isClosed)).toEqual([true]);
  write(17);
  await turn();
  expect(threads.length).toBe(1);
});

test.each([
  [1, 12_000],
  [50, 60_000],
])(
  "under the steady load of %d callers and with scans now and then the log stays under 64 MiB",
  async (callers, rows) => {
    using folder = new TempFolder();
    const path = folder.file("telepool.db");
    await using store = createPool("sqlite", { path, synchronous: "normal" });
    let longest = 0;
    let next = 0;
    const scans: Promise<unknown>[] = [];
    const insert = async () => {
      while (next < rows) {
        const number = next++;
        await store.insertProfile(`session-${number % 7}`, { number, text: "x".repeat(250) }, "member", "document");
        if (number % 100 === 0) longest = Math.max(longest, statSync(`${path}-wal`).size);
        if (number % (rows / 3) === 0) scans.push(store.aggregate({ metric: "number" }));
      }
    };
    await Promise.all(Array.from({ length: callers }, insert));
    await Promise.all(scans);
    expect(longest).toBeGreaterThan(16 * MIB);
    expect(longest).toBeLessThan(64 * MIB);
  },
  30_000,
);

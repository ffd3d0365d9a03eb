import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TelepoolError } from "../errors.ts";
import type { PoolOptions } from "../pool/pool-options.ts";
import { sampleProfile } from "../testing/conformance/sample-rows.ts";
import { drainMicrotasks, FakeClock } from "../testing/fake-clock.ts";
import { type FakeDriver, FakeDriverError, type FakeDriverOptions, fakeDriver } from "../testing/fake-driver.ts";
import { Connections } from "./connections.ts";

const RETRY_TIMEOUT_MS = 10_000;
const BUSY = { code: "DATABASE_BUSY", message: "another process kept the database locked", retryable: true } as const;

let clock: FakeClock;
let driver: FakeDriver;
let opened: Connections[];

beforeEach(() => {
  clock = new FakeClock({ seed: 3 });
  opened = [];
});

/** After every test: all is closed, and nothing is scheduled. */
afterEach(async () => {
  for (const connections of opened) {
    const closed = connections.close(1).catch(() => undefined);
    await clock.advance(60_000);
    await closed;
  }
  expect(clock.pendingTimers).toBe(0);
});

function open(options: FakeDriverOptions = {}, pool: PoolOptions = {}): Connections {
  driver = fakeDriver({ clock, ...options });
  const connections = new Connections(driver, pool, RETRY_TIMEOUT_MS, clock);
  opened.push(connections);
  return connections;
}

/** Lets the clock run while `work` is under way. */
async function during<T>(work: Promise<T>, ms: number): Promise<T> {
  const outcome = work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  await clock.advance(ms);
  return (await outcome)();
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => expect.unreachable("it succeeded"),
    (error: unknown) => error,
  );
}

const write = (connections: Connections) =>
  connections.run("write", (connection) => connection.writeProfiles([sampleProfile(1)]));

describe("trying again", () => {
  test("work that met a busy database is done again until it succeeds", async () => {
    const connections = open();
    driver.failNext("writeProfiles", BUSY, 5);
    expect(await during(write(connections), 1000)).toEqual({ duplicates: [] });
    expect(driver.count("writeProfiles")).toBe(6);
  });

  test("after retryTimeoutMs the error reaches the caller, with its cause", async () => {
    const connections = open();
    driver.failNext("writeProfiles", BUSY, 100_000);
    const error = await failureOf(during(write(connections), RETRY_TIMEOUT_MS));
    expect(error).toMatchObject({ code: "DATABASE_BUSY", message: BUSY.message });
    expect((error as TelepoolError).cause).toBeInstanceOf(FakeDriverError);
    expect(driver.count("writeProfiles")).toBeGreaterThan(200);
  });

  test("the waits grow to 50 ms and no further", async () => {
    const connections = open();
    const times: number[] = [];
    driver.failNext("writeProfiles", BUSY, 30);
    const working = connections.run("write", (connection) => {
      times.push(clock.monotonicMs());
      return connection.writeProfiles([sampleProfile(1)]);
    });
    await during(working, RETRY_TIMEOUT_MS);
    const waits = times.slice(1).map((time, n) => time - (times[n] ?? 0));
    expect(waits[0]).toBeLessThanOrEqual(1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(50);
    expect(Math.min(...waits.slice(10))).toBeGreaterThanOrEqual(25);
  });

  test("work that failed for another reason is not done again", async () => {
    const connections = open();
    driver.failNext("writeProfiles", { code: "CONSTRAINT_VIOLATED", message: "refused" });
    expect(await failureOf(write(connections))).toMatchObject({ code: "CONSTRAINT_VIOLATED", message: "refused" });
    expect(driver.count("writeProfiles")).toBe(1);
  });

  test("an error that is telepool's own stays what it is", async () => {
    const connections = open();
    const own = new TelepoolError("ABORTED", "the caller's own");
    const thrown = await failureOf(
      connections.run("read", () => {
        throw own;
      }),
    );
    expect(thrown).toBe(own);
    expect(connections.translate(own)).toBe(own);
  });

  test("a statement on a leased connection is tried again in the same way", async () => {
    const connections = open();
    const lease = await connections.lease("write");
    driver.failNext("begin", BUSY, 3);
    await during(
      connections.retry(() => lease.resource.begin()),
      1000,
    );
    driver.failNext("commit", { code: "CONNECTION_LOST" });
    expect(await failureOf(connections.retry(() => lease.resource.commit()))).toMatchObject({
      code: "CONNECTION_LOST",
    });
    lease.release();
  });
});

describe("a lost connection", () => {
  const LOST = { code: "CONNECTION_LOST", message: "gone" } as const;
  const UNKNOWN = { code: "COMMIT_OUTCOME_UNKNOWN", message: "gone in a commit" } as const;
  const AWAY = { code: "CONNECT_FAILED", message: "nobody listens" } as const;

  function writeAgain(connections: Connections, onLost?: (outcomeUnknown: boolean) => void): Promise<unknown> {
    const rows = [sampleProfile(1)];
    const options = { repeatable: true, ...(onLost === undefined ? {} : { onLost }) };
    return connections.run("write", (connection) => connection.writeProfiles(rows), options);
  }

  test("repeatable work is done again, and its caller is told of each loss", async () => {
    const connections = open();
    driver.failNext("writeProfiles", LOST, 2);
    driver.failNext("writeProfiles", UNKNOWN);
    const losses: boolean[] = [];
    expect(
      await during(
        writeAgain(connections, (unknown) => losses.push(unknown)),
        1000,
      ),
    ).toEqual({ duplicates: [] });
    expect(losses).toEqual([false, false, true]);
  });

  test("other work is not", async () => {
    const connections = open();
    driver.failNext("writeProfiles", LOST);
    expect(await failureOf(write(connections))).toMatchObject({ code: "CONNECTION_LOST" });
    expect(driver.count("writeProfiles")).toBe(1);
  });

  test("while the server is away, repeatable work waits for it", async () => {
    const connections = open({}, { acquireTimeoutMs: 1000 });
    driver.failNext("writeProfiles", LOST);
    const working = writeAgain(connections);
    await drainMicrotasks();
    driver.breakConnections();
    driver.failNext("connect", AWAY, 4);
    expect(await during(working, RETRY_TIMEOUT_MS)).toEqual({ duplicates: [] });
  });

  test("work that finds no server at its beginning is told so after one acquire", async () => {
    const connections = open({}, { acquireTimeoutMs: 1000 });
    driver.failNext("connect", AWAY, 1000);
    expect(await failureOf(during(writeAgain(connections), 1001))).toMatchObject({ code: "ACQUIRE_TIMEOUT" });
  });

  test("what may have been committed is never reported as merely failed", async () => {
    const connections = open({}, { acquireTimeoutMs: 1000 });
    await connections.run("write", (connection) => connection.ping());
    driver.failNext("writeProfiles", UNKNOWN);
    driver.failNext("writeProfiles", LOST, 1000);
    expect(await failureOf(during(writeAgain(connections), 2 * RETRY_TIMEOUT_MS))).toMatchObject({
      code: "COMMIT_OUTCOME_UNKNOWN",
      message: "gone in a commit",
    });
  });
});

describe("aborting", () => {
  test("a caller whose signal has fired before is refused, and nothing is done", async () => {
    const connections = open();
    const working = connections.run("read", (connection) => connection.ping(), { signal: AbortSignal.abort("why") });
    expect(await failureOf(working)).toMatchObject({ code: "ABORTED", cause: "why" });
    expect(driver.calls).toEqual([]);
  });

  test("a caller is released at once, and its connection when the statement ends", async () => {
    const connections = open({}, { max: 1 });
    const gate = fakeGate("readProfiles");
    const controller = new AbortController();
    const { signal } = controller;
    const reading = connections.run("read", (connection) => connection.readProfiles(["a"]), { signal });
    await gate.reached;
    controller.abort();
    expect(await failureOf(reading)).toMatchObject({ code: "ABORTED" });
    expect(connections.pools.read.stats().inUse).toBe(1);
    gate.open();
    await connections.run("read", (connection) => connection.ping());
    await drainMicrotasks();
    expect(connections.pools.read.stats()).toMatchObject({ created: 1, inUse: 0 });
  });

  test("work is not tried again for a caller that has gone", async () => {
    const connections = open();
    driver.failNext("writeProfiles", BUSY, 1000);
    const controller = new AbortController();
    const { signal } = controller;
    const working = connections.run("write", (connection) => connection.writeProfiles([sampleProfile(1)]), { signal });
    const failure = failureOf(working);
    await clock.advance(100);
    controller.abort();
    expect(await failure).toMatchObject({ code: "ABORTED" });
    await clock.advance(100);
    const tries = driver.count("writeProfiles");
    await clock.advance(5000);
    expect(driver.count("writeProfiles")).toBe(tries);
  });

  const fakeGate = (operation: "readProfiles") => driver.holdNext(operation);
});

describe("pools by role", () => {
  const oneWriter = { connections: "one-writer", maxConnections: 1000 } as const;
  const limits = ({ pools }: Connections) =>
    [pools.write, pools.read, pools.scan].map((pool) => pool.stats().maxPoolSize);

  test("shared connections have one pool for every role", () => {
    const connections = open({ capabilities: { connections: "shared" } }, { max: 7 });
    expect(new Set([connections.pools.write, connections.pools.read, connections.pools.scan]).size).toBe(1);
    expect([...connections.distinct.keys()]).toEqual(["write"]);
    expect(connections.scanners).toBeUndefined();
    expect(limits(connections)).toEqual([7, 7, 7]);
  });

  test("with one writer the others read, and scans have a pool of their own", () => {
    const connections = open({ capabilities: oneWriter }, { max: 7 });
    expect([...connections.distinct.keys()]).toEqual(["write", "read", "scan"]);
    expect(limits(connections)).toEqual([1, 6, 2]);
    expect(connections.scanners).toBe(connections.pools.scan);
  });

  test("with one connection beside the scanners the writer reads too", () => {
    const connections = open({ capabilities: oneWriter }, { max: 1 });
    expect(connections.pools.read).toBe(connections.pools.write);
    expect(limits(connections)).toEqual([1, 1, 2]);
  });

  test("a database that takes one connection has one, whatever the options say", () => {
    const connections = open({ capabilities: { connections: "one-writer", maxConnections: 1 } }, { max: 7, min: 5 });
    expect(limits(connections)).toEqual([1, 1, 1]);
  });

  test("replicated connections have a pool for the primary and one for the replicas", () => {
    const connections = open({ capabilities: { connections: "replicated" } }, { max: 7 });
    expect([...connections.distinct.keys()]).toEqual(["write", "read"]);
    expect(connections.pools.scan).toBe(connections.pools.read);
    expect(limits(connections)).toEqual([7, 7, 7]);
  });

  test("prewarm opens all where that is cheap, and otherwise min", async () => {
    const cheap = open({ capabilities: { ...oneWriter, prewarm: true } }, { max: 5 });
    await cheap.prewarm();
    expect(driver.openConnections).toBe(5);
    const dear = open({ capabilities: { prewarm: false } }, { max: 5, min: 2 });
    await dear.prewarm();
    expect(driver.openConnections).toBe(2);
  });
});

describe("scanners", () => {
  test("a scanner ends when it has been idle for 30 s, and the next scan opens another", async () => {
    const connections = open({ capabilities: { connections: "one-writer" } }, { min: 0 });
    const scan = () => connections.run("scan", (connection) => connection.ping());
    await scan();
    await clock.advance(29_000);
    expect(driver.openConnections).toBe(1);
    await clock.advance(32_000);
    expect(driver.openConnections).toBe(0);
    await scan();
    expect(driver.openConnections).toBe(1);
  });
});

describe("connections that fail", () => {
  test("a lost connection is replaced", async () => {
    const connections = open({}, { max: 1 });
    await connections.run("read", (connection) => connection.ping());
    await drainMicrotasks();
    driver.breakConnections();
    await connections.run("read", (connection) => connection.ping());
    expect(connections.pools.read.stats()).toMatchObject({ created: 2, destroyed: 1 });
  });

  test("a transaction that its user left open is rolled back before the next one gets the connection", async () => {
    const connections = open({}, { max: 1 });
    await connections.run("write", async (connection) => {
      await connection.begin();
      await connection.writeProfiles([sampleProfile(1)]);
    });
    await connections.run("write", (connection) => connection.begin());
    expect(driver.count("reset")).toBeGreaterThan(0);
    expect(driver.profiles.size).toBe(0);
  });

  test("when nobody can connect, the error is telepool's and carries the driver's", async () => {
    const connections = open({}, { acquireTimeoutMs: 1000 });
    driver.failNext("connect", { code: "CONNECT_FAILED", message: "nobody listens" }, 1000);
    const error = await failureOf(during(write(connections), 1000));
    expect(error).toMatchObject({
      code: "ACQUIRE_TIMEOUT",
      cause: { code: "CONNECT_FAILED", message: "nobody listens" },
    });
  });
});

import { describe, expect, test } from "bun:test";
import type { DriverCapabilities } from "./driver.ts";
import { rolePoolOptions } from "./role-pool-options.ts";

const EMBEDDED: DriverCapabilities = {
  connections: "one-writer",
  maxConnections: 1000,
  maxConcurrentBatches: 1,
  inProcess: true,
  prewarm: true,
};
const SERVER: DriverCapabilities = {
  ...EMBEDDED,
  connections: "shared",
  maxConcurrentBatches: 4,
  inProcess: false,
  prewarm: false,
};

describe("one writer", () => {
  test("twenty connections are one writer and nineteen readers, all opened at the start, and two threads beside them", () => {
    const { write, read, scan } = rolePoolOptions({}, "sqlite", EMBEDDED);
    expect(write).toMatchObject({ name: "sqlite.write", min: 1, max: 1 });
    expect(read).toMatchObject({ name: "sqlite.read", min: 19, max: 19 });
    expect(scan).toMatchObject({ name: "sqlite.scan", min: 0, max: 2, idleTimeoutMs: 30_000 });
  });

  test("who waits behind a long transaction or scan waits longer than who waits for a reader", () => {
    const { write, read, scan } = rolePoolOptions({}, "sqlite", EMBEDDED);
    expect([write.acquireTimeoutMs, scan?.acquireTimeoutMs]).toEqual([60_000, 60_000]);
    expect(read?.acquireTimeoutMs).toBeUndefined();
  });

  test("what the user gives goes before what the role would have", () => {
    const given = { name: "mine", min: 0, max: 4, acquireTimeoutMs: 7, idleTimeoutMs: 8, validateAfterIdleMs: 9 };
    const { write, read, scan } = rolePoolOptions(given, "sqlite", EMBEDDED);
    const common = { acquireTimeoutMs: 7, idleTimeoutMs: 8, validateAfterIdleMs: 9 };
    expect(write).toEqual({ ...common, name: "mine.write", min: 0, max: 1 });
    expect(read).toEqual({ ...common, name: "mine.read", min: 0, max: 3 });
    expect(scan).toEqual({ ...common, name: "mine.scan", min: 0, max: 2 });
  });

  test("with max 1 the writer reads too", () => {
    expect(rolePoolOptions({ max: 1 }, "sqlite", EMBEDDED).read).toBeUndefined();
  });
});

test("the only connection of a database is never retired", () => {
  const { write, read, scan } = rolePoolOptions({ maxLifetimeMs: 5 }, "sqlite", { ...EMBEDDED, maxConnections: 1 });
  const never = Number.POSITIVE_INFINITY;
  expect(write).toMatchObject({ max: 1, idleTimeoutMs: never, maxLifetimeMs: never });
  expect([read, scan]).toEqual([undefined, undefined]);
});

test("shared connections are one pool that is validated and opened as it is needed", () => {
  expect(rolePoolOptions({ max: 8 }, "postgresql", SERVER)).toEqual({ write: { name: "postgresql", min: 0, max: 8 } });
});

test("a primary and its replicas have a pool each, of the whole size", () => {
  const { write, read, scan } = rolePoolOptions({ max: 8, min: 2 }, "postgresql", {
    ...SERVER,
    connections: "replicated",
  });
  expect(write).toEqual({ name: "postgresql.write", min: 2, max: 8 });
  expect(read).toEqual({ name: "postgresql.read", min: 2, max: 8 });
  expect(scan).toBeUndefined();
});

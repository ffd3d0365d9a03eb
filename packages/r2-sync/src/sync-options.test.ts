import { expect, test } from "bun:test";
import { TelepoolError } from "@telepool/core";
import { R2Archive } from "./r2-archive.ts";
import { R2Sync } from "./r2-sync.ts";
import { parseSyncOptions } from "./sync-options.ts";

const WHERE = {
  bucket: "telemetry",
  accountId: "0123456789abcdef0123456789abcdef",
  credentials: { accessKeyId: "the-key-id", secretAccessKey: "the-secret" },
};

function refusal(make: () => unknown): TelepoolError {
  try {
    make();
  } catch (error) {
    if (error instanceof TelepoolError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

test("every option has its default but for where the bucket is", () => {
  expect(parseSyncOptions(WHERE, "sync").config).toEqual({
    prefix: "",
    intervalMs: 10_000,
    maxBatchBytes: 2 * 1024 * 1024,
    checkpointEveryMs: 7 * 86_400_000,
    checkpointEveryObjects: 10_000,
    keepMs: 30 * 86_400_000,
    graceMs: 86_400_000,
    proofEveryMs: 7 * 86_400_000,
    scratch: undefined,
    summaryEveryMs: 300_000,
    flushTimeoutMs: 10_000,
  });
});

test.each([
  ["telemetry/production", "telemetry/production/"],
  ["telemetry/", "telemetry/"],
  ["a//", "a/"],
  ["/", ""],
])("the prefix %p becomes %p", (prefix, expected) => {
  expect(parseSyncOptions({ ...WHERE, prefix }, "sync").config.prefix).toBe(expected);
});

test("a copy may be kept for ever", () => {
  expect(parseSyncOptions({ ...WHERE, keepMs: Number.POSITIVE_INFINITY }, "sync").config.keepMs).toBe(Infinity);
});

const milliseconds = [-1, 1.5, Number.NaN, "1"];

test.each([
  ...["intervalMs", "checkpointEveryMs", "graceMs", "proofEveryMs", "summaryEveryMs", "flushTimeoutMs"].map(
    (name): [string, unknown[]] => [name, [...milliseconds, Number.POSITIVE_INFINITY]],
  ),
  ["keepMs", milliseconds],
  ["maxBatchBytes", [1023, 64 * 1024 * 1024 + 1]],
  ["checkpointEveryObjects", [0, 1.5]],
  ["scratch", [{}, "sqlite"]],
  ["prefix", [1, "/a", "a//b", "a b", "../a", "a/./b", "ä", "a".repeat(513)]],
] as [string, unknown[]][])("%s is named when it is not what it may be", (name, values) => {
  for (const value of values) {
    const { code, field, message } = refusal(() => new R2Sync({ ...WHERE, [name]: value }));
    expect([code, field, message.startsWith(`sync.${name}`)]).toEqual(["INVALID_OPTION", `sync.${name}`, true]);
  }
});

test("an option that nobody knows is refused, and the nearest is named", () => {
  const { field, message } = refusal(() => new R2Sync({ ...WHERE, intervallMs: 1 } as never)); // it is no option
  expect([field, message]).toEqual(["sync.intervallMs", expect.stringContaining("intervalMs")]);
});

test.each([undefined, null, "r2", 1])("%p is no options", (options) => {
  const { code, field } = refusal(() => new R2Sync(options as never)); // as a program without types may give it
  expect([code, field]).toEqual(["INVALID_OPTION", "sync"]);
});

test("the options of an archive are called by its own name", () => {
  expect(refusal(() => new R2Archive({ ...WHERE, bucket: "X" })).field).toBe("r2.bucket");
});

test("no message repeats a secret", () => {
  const credentials = { accessKeyId: "the key", secretAccessKey: "the secret" };
  const { message, field } = refusal(() => new R2Sync({ ...WHERE, credentials }));
  expect(field).toStartWith("sync.credentials.");
  expect([message.includes("the key"), message.includes("the secret")]).toEqual([false, false]);
});

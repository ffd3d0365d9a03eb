import { expect, test } from "bun:test";
import type { SyncStatus } from "@telepool/core";
import { linesBetween } from "./watch-lines.ts";

const IDLE: SyncStatus = {
  state: "idle",
  location: "https://storage/bucket/",
  source: "copy",
  sequence: 7,
  pendingRows: 0,
  lagSeconds: 0,
  objects: 0,
  bytes: 0,
  requests: { classA: 0, classB: 0, retries: 0 },
  lastSyncAt: 1,
  lastError: null,
  progress: null,
  checkpoint: null,
  proof: null,
};

function eventsBetween(before: Partial<SyncStatus>, now: Partial<SyncStatus>): [string, boolean][] {
  const lines = linesBetween({ ...IDLE, ...before }, { ...IDLE, ...now });
  return lines.map(({ event, isProblem }) => [event, isProblem]);
}

test("a cycle that goes as it should gives no line", () => {
  const now = { state: "syncing", sequence: 8, objects: 1, lastSyncAt: 2, pendingRows: 3 } as const;
  expect(eventsBetween({}, now)).toEqual([]);
});

test("attempts that fail in the same way are told once, another failure is told, and the end of both", () => {
  const unreachable = { code: "STORAGE_UNREACHABLE", message: "no answer, 3 times", at: 1 } as const;
  const again = { ...unreachable, message: "no answer, 4 times", at: 2 };
  const denied = { code: "PERMISSION_DENIED", message: "refused", at: 3 } as const;
  expect(eventsBetween({}, { lastError: unreachable })).toEqual([["failing", true]]);
  expect(eventsBetween({ lastError: unreachable }, { lastError: again })).toEqual([]);
  expect(eventsBetween({ lastError: again }, { lastError: denied })).toEqual([["failing", true]]);
  expect(eventsBetween({ lastError: denied }, {})).toEqual([["recovered", false]]);
});

test("a copy that was begun before tells of neither its checkpoint nor its proof; new ones are told", () => {
  const checkpoint = { key: "a", sequence: 1, at: 1, rows: 5, bytes: 9 };
  const proof = { ok: true, at: 1, sequence: 1, rows: 5, durationMs: 1, message: "same" };
  const begun = { checkpoint, proof };
  expect(eventsBetween({ source: null, lastSyncAt: null }, begun)).toEqual([
    ["copy", false],
    ["copied", false],
  ]);
  const next = { checkpoint: { ...checkpoint, key: "b" }, proof: { ...proof, at: 2, ok: false } };
  expect(eventsBetween(begun, next)).toEqual([
    ["checkpoint", false],
    ["proof", true],
  ]);
});

test("it is told when another process copies, and when it has stopped", () => {
  expect(eventsBetween({}, { state: "held" })).toEqual([["held", false]]);
  expect(eventsBetween({ state: "held" }, {})).toEqual([["free", false]]);
});

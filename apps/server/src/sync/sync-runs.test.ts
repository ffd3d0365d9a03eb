import { expect, test } from "bun:test";
import type { SyncResult } from "@telepool/core";
import { SYNCED } from "../../test/fake-sync.ts";
import { SyncRuns } from "./sync-runs.ts";

/** Syncs that end when they are told to. */
function held() {
  const begun: PromiseWithResolvers<SyncResult>[] = [];
  const runs = new SyncRuns(() => {
    const run = Promise.withResolvers<SyncResult>();
    begun.push(run);
    return run.promise;
  });
  const end = (position: number) => begun[position]?.resolve({ ...SYNCED, sequence: position });
  return { begun, runs, end };
}

test("those who come while a sync is under way share the one after it", async () => {
  const { begun, runs, end } = held();
  const first = runs.run();
  const crowd = Array.from({ length: 50 }, () => runs.run());
  expect(begun).toHaveLength(1);
  end(0);
  expect((await first).sequence).toBe(0);
  await Promise.resolve();
  end(1);
  const sequences = (await Promise.all(crowd)).map(({ sequence }) => sequence);
  expect(new Set(sequences)).toEqual(new Set([1]));
  expect(begun).toHaveLength(2);
});

test("a sync that fails fails for those who asked for it, and the next is begun all the same", async () => {
  const { begun, runs, end } = held();
  const first = runs.run();
  const second = runs.run();
  begun[0]?.reject(new Error("no"));
  await expect(first).rejects.toThrow("no");
  await Promise.resolve();
  end(1);
  expect((await second).sequence).toBe(1);
});

test("after the end of one the next begins at once", async () => {
  const { begun, runs, end } = held();
  for (const position of [0, 1, 2]) {
    const run = runs.run();
    end(position);
    await run;
  }
  expect(begun).toHaveLength(3);
});

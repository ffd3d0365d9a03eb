/** SIGKILL in the middle of a thousand concurrent inserts. */
import { expect, test } from "bun:test";
import { Child } from "./child.ts";
import { expectSound, storedIds } from "./database-checks.ts";
import { TempFolder } from "./temp-folder.ts";

/** How many acknowledgements each round waits for: from the first batch to the middle of checkpoints. */
const ROUNDS = [1, 1000, 2500, 9000, 15_000];

test.each(["full", "normal"])(
  "a killed process loses no row that it acknowledged, five times over, synchronous=%s",
  async (synchronous) => {
    using folder = new TempFolder();
    const path = folder.file("telepool.db");
    const acknowledged = new Set<string>();
    for (const count of ROUNDS) {
      await using child = new Child("insert-until-killed.ts", [path, synchronous]);
      for (let seen = 0; seen < count; seen++) acknowledged.add(await child.line());
      child.kill();
      for (const id of await child.rest()) acknowledged.add(id);

      expectSound(path);
      const stored = storedIds(path);
      expect(new Set(stored).size).toBe(stored.length);
      expect([...acknowledged.difference(new Set(stored))]).toEqual([]);
    }
  },
  60_000,
);

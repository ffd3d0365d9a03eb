/**
 * A thousand schedules of writes, copying, failures and deaths, each ending in a restore that equals the store row for row.
 * A failure prints its seed; `TELEPOOL_TEST_SCHEDULE=<seed>` runs that one alone.
 */
import { expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { openBench } from "../bucket/r2-fixture.ts";
import { Seeded } from "./seeded.ts";
import { World } from "./world.ts";

const ONLY = process.env.TELEPOOL_TEST_SCHEDULE;
const SCHEDULES = 1000;
const BLOCK = 50;
const STEPS = 8;

for (let first = 1; first <= SCHEDULES; first += BLOCK) {
  const seeds = Array.from({ length: BLOCK }, (_, position) => first + position).filter(
    (seed) => ONLY === undefined || seed === Number(ONLY),
  );
  if (seeds.length === 0) continue;
  test(`the restored store equals the source in schedules ${seeds[0]} to ${seeds.at(-1)}`, async () => {
    await using bench = await openBench({ retryTimeoutMs: 2000 });
    for (const seed of seeds) {
      await using store = createPool("sqlite", { path: ":memory:" });
      const prefix = `${bench.prefix}${seed}/`;
      const world = new World({ store, bucket: bench.bucket, proxy: bench.proxy, prefix, seeded: new Seeded(seed) });
      try {
        await world.run(STEPS);
        const { restored, stored } = await world.outcome();
        expect(restored).toEqual(stored);
      } catch (error) {
        throw new Error(`schedule ${seed} failed`, { cause: error });
      }
    }
  });
}

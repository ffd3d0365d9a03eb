/** A sync of 100 profiles, which the original brief has a figure for, beside one bare PUT of the same bytes. */
import type { SyncResult, TelemetryPool } from "@telepool/core";
import { withClaim } from "../database-server/brief.ts";
import { figuresOf, type Measured, measure, median, percentile } from "../measure.ts";
import type { Result } from "../report.ts";
import { SideFigures } from "../side-figures.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { BareBucket, type PutObject } from "./bare-bucket.ts";
import type { BenchR2 } from "./bench-r2.ts";
import { classAOf, openCopiedStore } from "./copied-store.ts";
import type { Trickle } from "./costs.ts";
import type { Size } from "./size.ts";
import { variedRows } from "./varied-rows.ts";

const ROWS = 100;
/** What the brief says that a sync of as many profiles takes. */
const CLAIMED_MS = 0.92;
const LOG_ALONE = "telepool, the log alone";
const WITH_SUMMARY = "telepool, telemetry-pool.json when it is due";
const BARE = "the bare SDK, one PUT of the same bytes";

/** What was found, and what a steady trickle costs by it. */
export interface SmallSyncFigures {
  readonly results: readonly Result[];
  readonly trickle: Trickle;
}

/** Measures syncs of 100 profiles each, into one store after the other. */
export async function measureSmallSyncs(r2: BenchR2, { smallSyncRounds }: Size): Promise<SmallSyncFigures> {
  return await withScratch(async (path) => {
    const [alonePlace, summedPlace] = [r2.newPlace(), r2.newPlace()];
    using bare = new BareBucket(alonePlace);
    await using alone = await openCopiedStore(path, alonePlace, { summaryEveryMs: 0 });
    await using summed = await openCopiedStore(`${path}-2`, summedPlace);
    for (const store of [alone, summed]) await store.syncToR2(); // begins the copy, with a checkpoint of nothing

    const side = new SideFigures();
    let last: readonly PutObject[] = [];
    const aloneMs = async (): Promise<number> => {
      const before = classAOf(alone);
      const { ms, result } = await syncSmall(alone);
      side.add("class A", classAOf(alone) - before);
      side.add("bytes", result.bytes);
      last = await bare.readLog(alonePlace.prefix, result.source, result.sequence - 1);
      return ms;
    };
    const times = await measure({
      suite: "r2",
      name: `sync of ${ROWS}`,
      unit: "ms",
      rounds: smallSyncRounds,
      subjects: [
        { name: LOG_ALONE, run: aloneMs },
        { name: WITH_SUMMARY, run: async () => (await syncSmall(summed)).ms },
        { name: BARE, run: () => bare.putMs(last, r2.newPlace().prefix) },
      ],
    });
    const sizes = side.measured("r2", `sync of ${ROWS}`, "");
    return {
      results: [...withClaim(times, CLAIMED_MS), ...ninetyNinths(times)],
      trickle: {
        rowsInSync: ROWS,
        classAOfSync: median(figuresOf(sizes, "class A")),
        bytesOfSync: median(figuresOf(sizes, "bytes")),
        bytesOfSummary: await bare.bytesOf(`${summedPlace.prefix}/telemetry-pool.json`),
        bytesAsJson: await bytesAsJson(alone),
      },
    };
  });
}

/** Stores 100 profiles, and copies them. */
async function syncSmall(store: TelemetryPool): Promise<{ readonly ms: number; readonly result: SyncResult }> {
  const from = (store.stats().sync?.sequence ?? 0) * ROWS;
  await store.insertProfiles([...variedRows(from, from + ROWS)]);
  const startedMs = performance.now();
  const result = await store.syncToR2();
  const ms = performance.now() - startedMs;
  if (result.rows.profiles !== ROWS || result.sequence !== from / ROWS + 1) throw new Error("a sync did not copy all");
  return { ms, result };
}

/** The bytes of a profile as the brief would have put it: as JSON, with the comma behind it. */
async function bytesAsJson(store: TelemetryPool): Promise<number> {
  let [bytes, rows] = [0, 0];
  for await (const profile of store.profiles()) {
    bytes += Buffer.byteLength(JSON.stringify(profile)) + 1;
    rows++;
  }
  return bytes / rows;
}

/** The 99th percentiles of a case, as a case of their own. */
function ninetyNinths({ suite, name, unit, figures }: Measured): Result[] {
  return [...figures].map(([subject, values]) => {
    const value = percentile(values, 99);
    return { suite, name: `${name}, p99`, subject, unit, median: value, min: value, max: value, n: values.length };
  });
}

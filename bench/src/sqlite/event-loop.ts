/**
 * Whether a scan of the whole table holds up those who write: the time of single inserts, and the longest time that the
 * event loop stood still, when it is quiet and while an aggregate over every profile runs.
 */
import type { TelemetryPool } from "@telepool/core";
import { percentile } from "../measure.ts";
import { checkedRatio, type Result, type SuiteOutcome } from "../report.ts";
import { sampleRow } from "../rows.ts";
import { openStore, withScratch } from "./scratch.ts";

const QUIET_INSERTS = 3000;
const PAUSE_MS = 1;
const SCANS = 3;

interface Latencies {
  readonly insertsMs: readonly number[];
  readonly longestBlockMs: number;
}

/** Measures on a store of `rows` profiles. */
export async function measureScan(rows: number): Promise<SuiteOutcome> {
  return await withScratch(async (path) => {
    const store = await openStore(path);
    await store.importProfiles(
      Array.from({ length: rows }, (_, i) => i)
        .values()
        .map((i) => sampleRow(i, 1000)),
    );
    await store.aggregate({ metric: "latencyMs" }); // starts the thread
    const quiet = await insertFor(store, QUIET_INSERTS, undefined);
    let scanning = true;
    const scan = scanRepeatedly(store).finally(() => {
      scanning = false;
    });
    const loaded = await insertFor(store, undefined, () => scanning);
    await scan;
    await store.close();
    const quietP99 = percentile(quiet.insertsMs, 99);
    const loadedP99 = percentile(loaded.insertsMs, 99);
    const name = `aggregate over ${rows}`;
    return {
      results: [
        single(name, "insert p99, quiet", quietP99, quiet.insertsMs.length),
        single(name, "insert p99, during the scan", loadedP99, loaded.insertsMs.length),
        single(name, "longest block, quiet", quiet.longestBlockMs, 1),
        single(name, "longest block, during the scan", loaded.longestBlockMs, 1),
      ],
      ratios: [
        checkedRatio("sqlite.scan_insert_p99_vs_quiet", loadedP99 / quietP99, "max", 10),
        checkedRatio("sqlite.scan_longest_block_ms", loaded.longestBlockMs, "max", 50),
      ],
    };
  });
}

async function scanRepeatedly(store: TelemetryPool): Promise<void> {
  for (let i = 0; i < SCANS; i++) await store.aggregate({ metric: "latencyMs", groupBy: "member" });
}

/** Single inserts with small pauses, `count` of them or as long as `goOn` says, with a watch on the event loop. */
async function insertFor(
  store: TelemetryPool,
  count: number | undefined,
  goOn: (() => boolean) | undefined,
): Promise<Latencies> {
  const insertsMs: number[] = [];
  let longestBlockMs = 0;
  let lastMs = performance.now();
  const watch = setInterval(() => {
    const nowMs = performance.now();
    longestBlockMs = Math.max(longestBlockMs, nowMs - lastMs - PAUSE_MS);
    lastMs = nowMs;
  }, PAUSE_MS);
  for (let i = 0; count === undefined ? goOn?.() : i < count; i++) {
    const { session, profile, member, document } = sampleRow(i, 1000);
    const startedMs = performance.now();
    await store.insertProfile(session, profile, member, document);
    insertsMs.push(performance.now() - startedMs);
    await Bun.sleep(PAUSE_MS);
  }
  clearInterval(watch);
  return { insertsMs, longestBlockMs };
}

function single(name: string, subject: string, value: number, n: number): Result {
  return { suite: "sqlite", name, subject, unit: "ms", median: value, min: value, max: value, n };
}

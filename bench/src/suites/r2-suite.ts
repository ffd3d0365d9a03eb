/** Suite `r2`: copies of a store on SQLite in R2, against the bare SDK and against importing; their memory and their price. */
import { objectionToFolder } from "../env.ts";
import { figuresOf, ratio } from "../measure.ts";
import { BACKLOG, type BacklogFigures, measureBacklog } from "../r2/backlog-case.ts";
import { type BenchR2, openR2 } from "../r2/bench-r2.ts";
import { backlogUsage, briefUsage, costResults, type Trickle, trickleUsage } from "../r2/costs.ts";
import { measureNoted } from "../r2/noted-case.ts";
import { FROM_CHECKPOINT, FROM_LOG, IMPORT, measureRestore } from "../r2/restore-case.ts";
import { FULL, QUICK, type Size } from "../r2/size.ts";
import { measureSmallSyncs } from "../r2/small-sync-case.ts";
import { BARE, measureSync, SYNC } from "../r2/sync-case.ts";
import { checkedRatio, type Result, resultsOf, type SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";

/** Measures the suite, or says why it cannot. */
export async function r2Suite({ quick }: SuiteOptions): Promise<SuiteOutcome> {
  const objection = objectionToFolder();
  const r2 = objection ?? (await openR2());
  if (typeof r2 === "string") return { results: [], ratios: [], notMeasured: r2 };
  await using _ = r2;
  return await measureOn(r2, quick ? QUICK : FULL);
}

async function measureOn(r2: BenchR2, size: Size): Promise<SuiteOutcome> {
  const sync = await measureSync(r2, size);
  const small = await measureSmallSyncs(r2, size);
  const restore = await measureRestore(r2, size);
  const backlog = await measureBacklog(r2, size);
  const noted = await measureNoted(size);

  const fromCheckpoint = ratio(restore, FROM_CHECKPOINT, IMPORT);
  const fromLog = ratio(restore, FROM_LOG, IMPORT);
  const peakMb = Math.max(...figuresOf(backlog.peakMb, BACKLOG));
  return {
    results: [
      ...[sync.times, sync.objects, sync.bytes].flatMap(resultsOf),
      ...small.results,
      ...[restore, backlog.peakMb, backlog.seconds, ...noted].flatMap(resultsOf),
      ...costs(backlog, small.trickle),
    ],
    ratios: [
      checkedRatio("r2.sync_vs_put", ratio(sync.times, SYNC, BARE), "max", 2),
      checkedRatio("r2.restore_vs_import", Math.min(fromCheckpoint, fromLog), "min", 0.7),
      checkedRatio("r2.restore_checkpoint_vs_import", fromCheckpoint, "min", 0.7),
      checkedRatio("r2.restore_log_vs_import", fromLog, "min", 0.7),
      checkedRatio("r2.backlog_peak_rss_mb", peakMb, "max", 200),
    ],
  };
}

/** A million profiles at once and steadily, and a day of the latter. */
function costs({ backlog, firstCopy }: BacklogFigures, trickle: Trickle): Result[] {
  const steadily = (profiles: number) => ({
    "telepool, 10 profiles a second": trickleUsage(trickle, firstCopy, profiles),
    "the brief's way, 10 profiles a second": briefUsage(trickle, profiles),
  });
  return [
    ...costResults("a million profiles", {
      "telepool, one backlog": backlogUsage(backlog, 1e6),
      ...steadily(1e6),
    }),
    ...costResults("a day", steadily(864_000)),
  ];
}

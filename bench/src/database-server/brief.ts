/** The figures of the original brief beside those that are measured. Claims are marked: they come from no round. */
import { fromCallers } from "../from-callers.ts";
import { figuresOf, type Measured, measure, median } from "../measure.ts";
import { type Result, resultsOf } from "../report.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { CALLERS, type Contest, type Size } from "./contest.ts";
import { TELEPOOL, type Writer } from "./entrant.ts";

const AS_CLAIMED = "the brief, as claimed";
/** The rows of a latency's run from one caller. */
const ROWS_ALONE = 200;

/** Measures what the brief has figures for, and puts both beside each other. */
export async function measureBrief(
  { suite, claims }: Contest,
  database: BenchDatabase,
  rates: Measured,
  size: Size,
): Promise<Result[]> {
  await database.empty();
  const telepool = await TELEPOOL.open(database.url);
  try {
    const thousand = await measure({
      suite,
      name: "brief: 1000 inserts at once",
      unit: "ms",
      rounds: size.rounds,
      subjects: [{ name: TELEPOOL.name, run: () => thousandInsertsMs(telepool) }],
    });
    const latency = await measure({
      suite,
      name: "brief: latency of an insert",
      unit: "ms",
      rounds: size.rounds,
      subjects: [
        { name: `${TELEPOOL.name}, 1 caller`, run: () => medianLatencyMs(telepool, 1, ROWS_ALONE) },
        { name: `${TELEPOOL.name}, 1000 callers`, run: () => medianLatencyMs(telepool, CALLERS, size.rows) },
      ],
    });
    const perSecond: Measured = {
      suite,
      name: "brief: inserts a second",
      unit: "rows/s",
      figures: new Map([[TELEPOOL.name, figuresOf(rates, TELEPOOL.name)]]),
    };
    return [
      ...withClaim(thousand, claims.thousandInsertsMs),
      ...withClaim(perSecond, claims.insertsPerSecond),
      ...withClaim(latency, claims.latencyMs),
    ];
  } finally {
    await telepool.close();
  }
}

/** The results of a case, and behind them what the brief claims: with no rounds at all. */
export function withClaim(measured: Measured, claimed: number): Result[] {
  const { suite, name, unit } = measured;
  const claim: Result = {
    suite,
    name,
    subject: AS_CLAIMED,
    unit,
    median: claimed,
    min: claimed,
    max: claimed,
    n: 0,
  };
  return [...resultsOf(measured), claim];
}

async function thousandInsertsMs(writer: Writer): Promise<number> {
  const startedMs = performance.now();
  await fromCallers(CALLERS, CALLERS, (i) => writer.insert(i));
  return performance.now() - startedMs;
}

async function medianLatencyMs(writer: Writer, callers: number, rows: number): Promise<number> {
  const latenciesMs: number[] = [];
  await fromCallers(callers, rows, async (i) => {
    const startedMs = performance.now();
    await writer.insert(i);
    latenciesMs.push(performance.now() - startedMs);
  });
  return median(latenciesMs);
}

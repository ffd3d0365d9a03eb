/** Suite `pool`: what borrowing costs, against other pools, and how many connections a burst opens. */
import { Pool } from "@telepool/core";
import { best, type Case, type Measured, measure, ratio, type Subject } from "../measure.ts";
import {
  type Contestant,
  generic,
  lightning,
  type Resource,
  tarn,
  telepoolAcquire,
  telepoolUse,
} from "../pool/contestants.ts";
import { checkedRatio, resultsOf, type SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";

const PEERS = ["lightning-pool", "generic-pool", "tarn"];
const MANY_CALLERS = 200;

/** Measures the suite. */
export async function poolSuite({ quick }: SuiteOptions): Promise<SuiteOutcome> {
  const contestants = [await telepoolUse(), await telepoolAcquire(), await lightning(), await generic(), await tarn()];
  const rounds = quick ? 5 : 15;
  const cycles = quick ? 20_000 : 100_000;
  const one = await measure(race("use, one caller", contestants, 1, cycles, rounds));
  const many = await measure(race("use, 200 callers", contestants, MANY_CALLERS, cycles, rounds));
  const counting = await measureCounting(cycles * 2, rounds);
  const spike = await measureSpike(quick ? 3 : 7);
  for (const contestant of contestants) await contestant.close();

  const againstBest = (measured: Measured) => ratio(measured, "telepool use", best(measured, PEERS, "less"));
  return {
    results: [one, many, counting, spike].flatMap(resultsOf),
    ratios: [
      checkedRatio("pool.use_vs_best_peer", Math.max(againstBest(one), againstBest(many)), "max", 1),
      checkedRatio("pool.use_1_vs_best_peer", againstBest(one), "max", 1),
      checkedRatio("pool.use_200_vs_best_peer", againstBest(many), "max", 1),
      checkedRatio("pool.counting_cost", ratio(counting, "telepool use", "telepool use, untimed"), "max", 1.05),
      checkedRatio("pool.spike_connections", Math.max(...(spike.figures.get("telepool") ?? [])), "max", 10),
    ],
  };
}

/** Nanoseconds for borrowing, a piece of asynchronous work, and giving back. */
function race(name: string, contestants: readonly Contestant[], callers: number, cycles: number, rounds: number): Case {
  const work = async (resource: Resource): Promise<void> => {
    resource.uses++;
  };
  const subjects = contestants.map(
    (contestant): Subject => ({
      name: contestant.name,
      run: () => nanosecondsPerCycle(contestant, work, callers, cycles),
    }),
  );
  return { suite: "pool", name, unit: "ns", subjects, rounds };
}

async function nanosecondsPerCycle(
  contestant: Contestant,
  work: (resource: Resource) => Promise<void> | void,
  callers: number,
  cycles: number,
): Promise<number> {
  const each = Math.ceil(cycles / callers);
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let i = 0; i < each; i++) await contestant.cycle(work);
    }),
  );
  return ((performance.now() - startedMs) * 1e6) / (each * callers);
}

/** The same pool with and without timing its uses: what the statistics cost on the fast path. */
async function measureCounting(cycles: number, rounds: number): Promise<Measured> {
  const contestants = [await telepoolUse(), await telepoolUse(0)];
  const measured = await measure({ ...race("counting", contestants, 1, cycles, rounds), name: "counting" });
  for (const contestant of contestants) await contestant.close();
  return measured;
}

/** HikariCP's spike test: 150 ms to connect, 2 ms of use, 5 idle, 50 requests at once. */
async function measureSpike(rounds: number): Promise<Measured> {
  const run = async (): Promise<number> => {
    let connections = 0;
    const pool = new Pool<Resource>(
      {
        create: async () => {
          connections++;
          await Bun.sleep(connections <= 5 ? 0 : 150);
          return { uses: 0 };
        },
        destroy: () => {},
      },
      { min: 5, max: 50 },
    );
    await pool.prewarm();
    await Promise.all(Array.from({ length: 50 }, () => pool.use(() => Bun.sleep(2))));
    await pool.close();
    return connections;
  };
  return await measure({
    suite: "pool",
    name: "spike",
    unit: "connections",
    subjects: [{ name: "telepool", run }],
    rounds,
  });
}

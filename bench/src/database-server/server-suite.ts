/**
 * A suite on a database server: inserts and reads of a thousand callers and of one, against those who do the same by
 * other means on the same tables. Everybody has 20 connections, and is opened, warmed up and given an empty table for
 * every run. The others write profiles and no sessions, which is less work.
 */
import { best, ratio } from "../measure.ts";
import { checkedRatio, resultsOf, type SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";
import { BenchDatabase } from "./bench-database.ts";
import { openServer } from "./bench-server.ts";
import { measureBrief } from "./brief.ts";
import { type Contest, FULL, QUICK } from "./contest.ts";
import { TELEPOOL } from "./entrant.ts";
import { measureGets } from "./get-case.ts";
import { measureManyInserts, measureSingleInserts } from "./insert-cases.ts";

/** Measures the suite, or says why it cannot. */
export async function measureServer(contest: Contest, { quick }: SuiteOptions): Promise<SuiteOutcome> {
  const opened = await openServer(contest.engine);
  if (typeof opened === "string") return { results: [], ratios: [], notMeasured: opened };
  await using server = opened;
  await using database = await BenchDatabase.create(contest.engine, server.url);
  const { suite, goals, peers } = contest;
  const size = quick ? QUICK : FULL;
  const many = await measureManyInserts(contest, database, size);
  const singles = await measureSingleInserts(contest, database, size);
  const gets = await measureGets(contest, database, size);
  const brief = await measureBrief(contest, database, many.rates, size);

  const { rates, cpu, connections, ceilings } = many;
  const ours = TELEPOOL.name;
  const peerNames = peers.map(({ name }) => name);
  const atLeast = (name: string, value: number, goal: number) => checkedRatio(`${suite}.${name}`, value, "min", goal);
  const insertsVs = (name: string) => ratio(rates, ours, name);
  return {
    results: [...[rates, cpu, connections, singles, gets].flatMap(resultsOf), ...brief],
    ratios: [
      atLeast("insert_1000_vs_best_peer", insertsVs(best(rates, peerNames, "more")), goals.insertVsBestPeer),
      atLeast("insert_1000_vs_ceiling", insertsVs(best(rates, ceilings, "more")), goals.insertVsCeiling),
      atLeast("get_1000_vs_best_peer", ratio(gets, ours, best(gets, peerNames, "more")), goals.getVsBestPeer),
      atLeast("insert_1_vs_pool", ratio(singles, ours, contest.pool.name), goals.insert1VsPool),
      atLeast("insert_1_vs_pool_same_work", ratio(singles, ours, contest.poolWithSession.name), goals.insert1VsPool),
      atLeast("pooled_vs_unpooled", insertsVs(contest.unpooled.name), goals.pooledVsUnpooled),
    ],
  };
}

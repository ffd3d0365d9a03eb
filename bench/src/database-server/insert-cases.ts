/** Inserts: from a thousand callers, against peers, raw batches and unpooled connections; and from one. */
import { type Measured, measure, type Subject } from "../measure.ts";
import { SideFigures } from "../side-figures.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { CALLERS, type Contest, type Size } from "./contest.ts";
import { type Entrant, TELEPOOL, type Writer } from "./entrant.ts";
import { insertRun, type Run, type RunSize } from "./insert-run.ts";
import { rawName, rawRun } from "./raw-batches.ts";

/** The inserts of a thousand callers. */
export interface ManyInserts {
  readonly rates: Measured;
  /** What the client's processor did for each row. */
  readonly cpu: Measured;
  /** How many connections telepool had opened. */
  readonly connections: Measured;
  /** The names of the raw batches, among which the ceiling is. */
  readonly ceilings: readonly string[];
}

/** Measures inserts from a thousand callers, in rows per second. */
export async function measureManyInserts(
  { suite, peers, unpooled, batches }: Contest,
  database: BenchDatabase,
  size: Size,
): Promise<ManyInserts> {
  const cpu = new SideFigures();
  const connections = new SideFigures();
  const subject = (name: string, run: () => Promise<Run>): Subject => ({
    name,
    run: async () => {
      const { perSecond, cpuMicrosPerRow } = await run();
      cpu.add(name, cpuMicrosPerRow);
      return perSecond;
    },
  });
  const many: RunSize = { callers: CALLERS, rows: size.rows };
  const raw = batches.flatMap((form) =>
    size.rawConnections.map((count) => subject(rawName(form, count), () => rawRun(database, form, count, size.rows))),
  );
  const rates = await measure({
    suite,
    name: "insert, 1000 callers",
    unit: "rows/s",
    rounds: size.rounds,
    subjects: [
      subject(TELEPOOL.name, () =>
        insertRun(database, TELEPOOL, many, ({ store }) =>
          connections.add(TELEPOOL.name, store.stats().pools.write?.created ?? 0),
        ),
      ),
      ...peers.map((peer) => subject(peer.name, () => insertRun(database, peer, many))),
      subject(unpooled.name, () => insertRun(database, unpooled, { callers: 1, rows: size.unpooledRows })),
      ...raw,
    ],
  });
  return {
    rates,
    cpu: cpu.measured(suite, "client CPU of an insert", "µs"),
    connections: connections.measured(suite, "insert, 1000 callers", "connections"),
    ceilings: raw.map(({ name }) => name),
  };
}

/** Measures the inserts of a caller that goes alone, in rows per second. */
export async function measureSingleInserts(
  { suite, pool, poolWithSession }: Contest,
  database: BenchDatabase,
  size: Size,
): Promise<Measured> {
  const alone: RunSize = { callers: 1, rows: size.singleRows };
  const subject = <W extends Writer>(entrant: Entrant<W>): Subject => ({
    name: entrant.name,
    run: async () => (await insertRun(database, entrant, alone)).perSecond,
  });
  return await measure({
    suite,
    name: "insert, 1 caller",
    unit: "rows/s",
    rounds: size.rounds,
    subjects: [subject(TELEPOOL), subject(pool), subject(poolWithSession)],
  });
}

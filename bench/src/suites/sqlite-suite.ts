/** Suite `sqlite`: inserts and reads against hand-written bun:sqlite, the event loop under a scan, and the brief's rows. */
import { fromCallers } from "../from-callers.ts";
import { best, type Measured, measure, ratio } from "../measure.ts";
import { checkedRatio, resultsOf, type SuiteOutcome } from "../report.ts";
import { sampleRow } from "../rows.ts";
import { measureScan } from "../sqlite/event-loop.ts";
import { autocommit, batchedLoop, rawGets, unpooled } from "../sqlite/raw-writers.ts";
import { openStore, withScratch } from "../sqlite/scratch.ts";
import type { SuiteOptions } from "../suite.ts";

/** A thousand places in a program record under few sessions; the case with one session for each caller stands beside it. */
const SESSIONS = 50;
const CALLERS = 1000;

/** How much of everything. */
interface Size {
  readonly rounds: number;
  readonly rows: number;
  readonly singleRows: number;
  readonly unpooledRows: number;
  readonly reads: number;
  readonly scannedRows: number;
}

const FULL: Size = {
  rounds: 9,
  rows: 20_000,
  singleRows: 10_000,
  unpooledRows: 500,
  reads: 60_000,
  scannedRows: 1_000_000,
};
const QUICK: Size = {
  rounds: 3,
  rows: 10_000,
  singleRows: 4000,
  unpooledRows: 150,
  reads: 20_000,
  scannedRows: 150_000,
};

/** Measures the suite. */
export async function sqliteSuite({ quick }: SuiteOptions): Promise<SuiteOutcome> {
  const size = quick ? QUICK : FULL;
  const inserts = await measureInserts(size, SESSIONS, "insert, 1000 callers");
  const manySessions = await measureInserts(size, CALLERS, "insert, 1000 callers and sessions");
  const singles = await measureSingles(size);
  const gets = await measureGets(size);
  const batches = await measureBatches(size);
  const scan = await measureScan(size.scannedRows);

  const ceiling = best(inserts, ["1 row a statement", "100 rows a statement"], "more");
  return {
    results: [...[inserts, manySessions, singles, gets, batches].flatMap(resultsOf), ...scan.results],
    ratios: [
      checkedRatio("sqlite.insert_1000_vs_ceiling", ratio(inserts, "telepool", ceiling), "min", 0.6),
      checkedRatio("sqlite.insert_1000_vs_autocommit", ratio(inserts, "telepool", "autocommit"), "min", 20),
      checkedRatio(
        "sqlite.insert_1_vs_autocommit",
        ratio(singles, "telepool", "autocommit, profile and session"),
        "min",
        0.9,
      ),
      checkedRatio(
        "sqlite.insert_1_vs_bare_autocommit",
        ratio(singles, "telepool", "autocommit, profile alone"),
        "min",
        0.9,
      ),
      checkedRatio("sqlite.pooled_vs_unpooled", ratio(inserts, "telepool", "open, insert, close"), "min", 57),
      checkedRatio("sqlite.get_vs_raw", ratio(gets, "telepool", "prepared statement"), "min", 0.8),
      ...scan.ratios,
    ],
  };
}

/** Rows per second: ours from a thousand callers, and what one thread can do by hand. */
async function measureInserts(size: Size, sessions: number, name: string): Promise<Measured> {
  const all = sessions === SESSIONS;
  return await measure({
    suite: "sqlite",
    name,
    unit: "rows/s",
    rounds: size.rounds,
    subjects: [
      { name: "telepool", run: () => insertRate(CALLERS, size.rows, sessions) },
      { name: "1 row a statement", run: () => batchedLoop(size.rows, sessions, 1) },
      { name: "100 rows a statement", run: () => batchedLoop(size.rows, sessions, 100) },
      ...(all
        ? [
            { name: "autocommit", run: () => autocommit(size.rows, sessions, false) },
            { name: "open, insert, close", run: () => unpooled(size.unpooledRows, sessions) },
          ]
        : []),
    ],
  });
}

async function insertRate(callers: number, rows: number, sessions: number): Promise<number> {
  return await withScratch(async (path) => {
    const store = await openStore(path);
    const startedMs = performance.now();
    await fromCallers(callers, rows, (i) => {
      const { session, profile, member, document } = sampleRow(i, sessions);
      return store.insertProfile(session, profile, member, document);
    });
    const perSecond = rows / ((performance.now() - startedMs) / 1000);
    await store.close();
    return perSecond;
  });
}

/** Rows per second of a caller that goes alone. */
async function measureSingles(size: Size): Promise<Measured> {
  return await measure({
    suite: "sqlite",
    name: "insert, 1 caller",
    unit: "rows/s",
    rounds: size.rounds,
    subjects: [
      { name: "telepool", run: () => insertRate(1, size.singleRows, SESSIONS) },
      { name: "autocommit, profile and session", run: () => autocommit(size.singleRows, SESSIONS, true) },
      { name: "autocommit, profile alone", run: () => autocommit(size.singleRows, SESSIONS, false) },
    ],
  });
}

/** Point reads per second of a caller that goes alone, and of a thousand. */
async function measureGets(size: Size): Promise<Measured> {
  return await withScratch(async (path) => {
    const store = await openStore(path);
    const rows = Array.from({ length: 10_000 }, (_, i) => sampleRow(i, SESSIONS));
    const { ids } = await store.insertProfiles(rows);
    const getRate = async (callers: number): Promise<number> => {
      const startedMs = performance.now();
      await fromCallers(callers, size.reads, (i) => store.getProfile(ids[i % ids.length] ?? ""));
      return size.reads / ((performance.now() - startedMs) / 1000);
    };
    const measured = await measure({
      suite: "sqlite",
      name: "get by id",
      unit: "reads/s",
      rounds: size.rounds,
      subjects: [
        { name: "telepool", run: () => getRate(1) },
        { name: "telepool, 1000 callers", run: () => getRate(CALLERS) },
        { name: "prepared statement", run: () => rawGets(path, ids, size.reads) },
      ],
    });
    await store.close();
    return measured;
  });
}

/** The brief's own rows: a batch of 1000 and of 100 in milliseconds, and the latency of one insert. */
async function measureBatches(size: Size): Promise<Measured> {
  return await withScratch(async (path) => {
    const store = await openStore(path);
    const batchMs = async (rows: number): Promise<number> => {
      const startedMs = performance.now();
      await fromCallers(rows, rows, (i) => {
        const { session, profile, member, document } = sampleRow(i, SESSIONS);
        return store.insertProfile(session, profile, member, document);
      });
      return performance.now() - startedMs;
    };
    const measured = await measure({
      suite: "sqlite",
      name: "brief",
      unit: "ms",
      rounds: size.rounds,
      subjects: [
        { name: "batch of 1000", run: () => batchMs(1000) },
        { name: "batch of 100", run: () => batchMs(100) },
        { name: "single insert", run: () => batchMs(1) },
      ],
    });
    await store.close();
    return measured;
  });
}

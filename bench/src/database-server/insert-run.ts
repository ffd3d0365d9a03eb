/** One run of an entrant: opened, warmed up, its table emptied, timed, and its rows counted. */
import { fromCallers } from "../from-callers.ts";
import type { BenchDatabase } from "./bench-database.ts";
import type { Entrant, Writer } from "./entrant.ts";

/** How much a run does. */
export interface RunSize {
  readonly callers: number;
  readonly rows: number;
}

/** The part of its rows that a run writes before it is timed: connections open, statements are prepared, code is compiled. */
export const WARM_UP_SHARE: number = 1 / 4;

/** What a run has found. */
export interface Run {
  readonly perSecond: number;
  /** The time that this process kept its processors busy, in microseconds for each row. */
  readonly cpuMicrosPerRow: number;
}

/** Inserts `rows` rows from `callers` places at once; `after` may look at the entrant before it is closed. */
export async function insertRun<W extends Writer>(
  database: BenchDatabase,
  entrant: Entrant<W>,
  { callers, rows }: RunSize,
  after?: (writer: W) => void,
): Promise<Run> {
  const writer = await entrant.open(database.url);
  try {
    await fromCallers(callers, rows * WARM_UP_SHARE, (i) => writer.insert(i));
    await database.empty();
    const run = await timed(rows, () => fromCallers(callers, rows, (i) => writer.insert(i)));
    await expectStored(database, entrant.name, rows);
    after?.(writer);
    return run;
  } finally {
    await writer.close();
  }
}

/** Measures work on a number of rows. */
export async function timed(rows: number, work: () => Promise<unknown>): Promise<Run> {
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: rows / seconds, cpuMicrosPerRow: (user + system) / rows };
}

/** Figures of an entrant that has lost or mangled rows are not reported. */
export async function expectStored(database: BenchDatabase, name: string, rows: number): Promise<void> {
  const stored = await database.storedProfiles();
  if (stored !== rows) throw new Error(`${name} stored ${stored} rows of ${rows} as they should be`);
}

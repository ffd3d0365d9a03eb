/** What it costs those who write that every change is noted for a copy: the same inserts with the triggers and without. */
import type { TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { fromCallers } from "../from-callers.ts";
import { figuresOf, type Measured, measure } from "../measure.ts";
import { openStore, withScratch } from "../sqlite/scratch.ts";
import type { Size } from "./size.ts";
import { variedRow, variedRows } from "./varied-rows.ts";

const CALLERS = 1000;
const ROWS_IN_LIST = 1000;
const NOTED = "changes noted";
const PLAIN = "no copy";

/** A way to write so many rows, which are made before. */
type Write = (store: TelemetryPool, rows: readonly ReturnType<typeof variedRow>[]) => Promise<void>;

const inLists: Write = async (store, rows) => {
  for (let start = 0; start < rows.length; start += ROWS_IN_LIST) {
    await store.insertProfiles(rows.slice(start, start + ROWS_IN_LIST));
  }
};

function byCallers(callers: number): Write {
  return async (store, rows) => {
    await fromCallers(callers, rows.length, async (i) => {
      const { session, profile, member, document } = rows[i % rows.length] ?? variedRow(i);
      await store.insertProfile(session, profile, member, document);
    });
  };
}

/** Rows a second with and without, and behind them the ratios of both. */
export async function measureNoted({ notedRows, notedSingleRows, notedRounds }: Size): Promise<Measured[]> {
  const cases = [
    await contest("insertProfiles of 1000", inLists, notedRows, notedRounds),
    await contest("insertProfile, 1000 callers", byCallers(CALLERS), notedRows, notedRounds),
    await contest("insertProfile, 1 caller", byCallers(1), notedSingleRows, notedRounds),
  ];
  const ratios = new Map(cases.map((measured) => [measured.name, noted(measured)]));
  return [...cases, { suite: "r2", name: "speed with changes noted", unit: "of that without", figures: ratios }];
}

/** The ratios of the rounds. */
function noted(measured: Measured): number[] {
  const plain = figuresOf(measured, PLAIN);
  return figuresOf(measured, NOTED).map((rate, round) => rate / (plain[round] ?? Number.NaN));
}

async function contest(name: string, write: Write, count: number, rounds: number): Promise<Measured> {
  const rows = [...variedRows(0, count)];
  return await measure({
    suite: "r2",
    name,
    unit: "rows/s",
    rounds,
    subjects: [
      { name: PLAIN, run: () => rate(write, rows, false) },
      { name: NOTED, run: () => rate(write, rows, true) },
    ],
  });
}

async function rate(write: Write, rows: readonly ReturnType<typeof variedRow>[], isNoted: boolean): Promise<number> {
  return await withScratch(async (path) => {
    await using store = await openStore(path);
    if (isNoted) await (await openSyncSource(store)).changes.install();
    const startedMs = performance.now();
    await write(store, rows);
    return rows.length / ((performance.now() - startedMs) / 1000);
  });
}

/** Point reads from a thousand callers. */
import { createPool } from "@telepool/core";
import { fromCallers } from "../from-callers.ts";
import { type Measured, measure } from "../measure.ts";
import { sampleRow } from "../rows.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { CALLERS, type Contest, type Size } from "./contest.ts";
import { type Entrant, type ReadingWriter, SESSIONS, TELEPOOL } from "./entrant.ts";
import { timed, WARM_UP_SHARE } from "./insert-run.ts";

const STORED_ROWS = 10_000;
/** A prime, so that reads jump over the table and come to every row. */
const STEP = 7919;

/** Measures reads by id, in rows per second. */
export async function measureGets({ suite, peers }: Contest, database: BenchDatabase, size: Size): Promise<Measured> {
  const ids = await storeRows(database);
  const subjects = [TELEPOOL, ...peers].map((entrant) => ({
    name: entrant.name,
    run: () => readRate(database, entrant, ids, size.reads),
  }));
  return await measure({ suite, name: "get by id, 1000 callers", unit: "reads/s", rounds: size.rounds, subjects });
}

async function storeRows(database: BenchDatabase): Promise<readonly string[]> {
  await database.empty();
  const store = createPool(database.url);
  const { ids } = await store.insertProfiles(Array.from({ length: STORED_ROWS }, (_, i) => sampleRow(i, SESSIONS)));
  await store.close();
  return ids;
}

async function readRate(
  database: BenchDatabase,
  { name, open }: Entrant<ReadingWriter>,
  ids: readonly string[],
  reads: number,
): Promise<number> {
  const reader = await open(database.url);
  try {
    const idOf = (i: number): string => ids[(i * STEP) % ids.length] ?? "";
    const read = (i: number) => reader.get(idOf(i));
    if (!isProfile(await read(0), idOf(0))) throw new Error(`${name} does not give the row with its profile parsed`);
    await fromCallers(CALLERS, reads * WARM_UP_SHARE, read);
    return (await timed(reads, () => fromCallers(CALLERS, reads, read))).perSecond;
  } finally {
    await reader.close();
  }
}

function isProfile(row: unknown, id: string): boolean {
  if (typeof row !== "object" || row === null) return false;
  const { id: found, profile } = row as { id?: unknown; profile?: unknown }; // only looked at
  return found === id && typeof profile === "object" && profile !== null && "latencyMs" in profile;
}

/** A copy brought back into a new file, from its checkpoint alone and from its log alone, against importing the same rows. */
import type { ProfileInput } from "@telepool/core";
import { R2Archive } from "@telepool/r2-sync";
import { type Measured, measure } from "../measure.ts";
import { openStore, withScratch } from "../sqlite/scratch.ts";
import type { BenchR2, Place } from "./bench-r2.ts";
import { openCopiedStore } from "./copied-store.ts";
import type { Size } from "./size.ts";
import { variedRows } from "./varied-rows.ts";

export const FROM_CHECKPOINT = "restore, from a checkpoint";
export const FROM_LOG = "restore, from the log";
export const IMPORT = "importProfiles of the same rows";

type Row = ProfileInput & { readonly id: string };

/** Rows a second. */
export async function measureRestore(r2: BenchR2, { restoreRows, restoreRounds }: Size): Promise<Measured> {
  const rows: readonly Row[] = [...variedRows(0, restoreRows)].map((row) => ({
    ...row,
    id: Bun.randomUUIDv7("hex", row.timestamp),
  }));
  const checkpoint = await copyOf(rows, r2.newPlace(), "before");
  const log = await copyOf(rows, r2.newPlace(), "after");
  return await measure({
    suite: "r2",
    name: "rows brought back",
    unit: "rows/s",
    rounds: restoreRounds,
    subjects: [
      { name: FROM_CHECKPOINT, run: () => restoreRate(checkpoint, rows.length) },
      { name: FROM_LOG, run: () => restoreRate(log, rows.length) },
      { name: IMPORT, run: () => importRate(rows) },
    ],
  });
}

/** A copy of rows that were stored before it began, which a checkpoint holds, or after, which the log holds. */
async function copyOf(rows: readonly Row[], place: Place, when: "before" | "after"): Promise<Place> {
  return await withScratch(async (path) => {
    if (when === "before") await importInto(path, rows);
    await using store = await openCopiedStore(path, place);
    await store.syncToR2();
    if (when === "after") await store.importProfiles(rows);
    const { sequence } = await store.syncToR2();
    const isInLog = sequence > 0;
    if (isInLog !== (when === "after")) throw new Error(`the log of the copy has ${sequence} objects`);
    return place;
  });
}

/** Into a store that knows of no copy. */
async function importInto(path: string, rows: readonly Row[]): Promise<void> {
  await using store = await openStore(path);
  await store.importProfiles(rows);
}

async function restoreRate(place: Place, rows: number): Promise<number> {
  return await withScratch(async (path) => {
    await using store = await openStore(path);
    const archive = new R2Archive(place);
    try {
      const startedMs = performance.now();
      const restored = await archive.restore(store);
      const perSecond = rows / ((performance.now() - startedMs) / 1000);
      if (restored.rows < rows) throw new Error(`of ${rows} profiles only ${restored.rows} rows came back`);
      return perSecond;
    } finally {
      archive.close();
    }
  });
}

async function importRate(rows: readonly Row[]): Promise<number> {
  return await withScratch(async (path) => {
    await using store = await openStore(path);
    const startedMs = performance.now();
    const { stored } = await store.importProfiles(rows);
    const perSecond = rows.length / ((performance.now() - startedMs) / 1000);
    if (stored !== rows.length) throw new Error(`of ${rows.length} rows the store took ${stored}`);
    return perSecond;
  });
}

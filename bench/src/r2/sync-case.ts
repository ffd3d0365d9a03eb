/** One sync of many profiles, beside putting the same bytes by the bare SDK. */
import { type Measured, measure } from "../measure.ts";
import { SideFigures } from "../side-figures.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { BareBucket, type PutObject } from "./bare-bucket.ts";
import type { BenchR2 } from "./bench-r2.ts";
import { openCopiedStore } from "./copied-store.ts";
import type { Size } from "./size.ts";
import { variedRows } from "./varied-rows.ts";

export const SYNC = "telepool, syncToR2";
export const BARE = "the bare SDK, the same bytes";

/** What was found. */
export interface SyncFigures {
  /** In milliseconds. */
  readonly times: Measured;
  /** Objects of a sync, and their bytes. */
  readonly objects: Measured;
  readonly bytes: Measured;
}

/** Measures syncs of profiles that are noted. The bare SDK puts what the last sync has put, which it reads back before. */
export async function measureSync(r2: BenchR2, { syncRows, syncRounds }: Size): Promise<SyncFigures> {
  using bare = new BareBucket(r2.newPlace());
  const objects = new SideFigures();
  const bytes = new SideFigures();
  let last: readonly PutObject[] = [];
  const syncMs = async (): Promise<number> => {
    const synced = await syncOnce(r2, bare, syncRows);
    last = synced.objects;
    objects.add(SYNC, last.length);
    bytes.add(SYNC, last.reduce((sum, { content }) => sum + content.length, 0) / 1e6);
    return synced.ms;
  };
  const times = await measure({
    suite: "r2",
    name: `sync of ${syncRows}`,
    unit: "ms",
    rounds: syncRounds,
    subjects: [
      { name: SYNC, run: syncMs },
      { name: BARE, run: () => bare.putMs(last, r2.newPlace().prefix) },
    ],
  });
  return {
    times,
    objects: objects.measured("r2", `sync of ${syncRows}: log`, "objects"),
    bytes: bytes.measured("r2", `sync of ${syncRows}: log`, "MB"),
  };
}

async function syncOnce(
  r2: BenchR2,
  bare: BareBucket,
  rows: number,
): Promise<{ readonly ms: number; readonly objects: readonly PutObject[] }> {
  return await withScratch(async (path) => {
    const place = r2.newPlace();
    await using store = await openCopiedStore(path, place);
    await store.syncToR2(); // begins the copy, with a checkpoint of nothing
    await store.importProfiles(variedRows(0, rows));
    Bun.gc(true); // what the import has left is not the sync's
    const startedMs = performance.now();
    const synced = await store.syncToR2();
    const ms = performance.now() - startedMs;
    if (synced.rows.profiles !== rows) throw new Error(`of ${rows} profiles ${synced.rows.profiles} were copied`);
    return { ms, objects: await bare.readLog(place.prefix, synced.source) };
  });
}

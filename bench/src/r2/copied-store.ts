/** A store on SQLite that is copied when it is told to, and not by the clock. */
import { TelemetryPool } from "@telepool/core";
import { sqliteDriver } from "@telepool/driver-sqlite";
import { R2Sync, type R2SyncOptions } from "@telepool/r2-sync";
import type { Place } from "./bench-r2.ts";

/** Opens it; nothing is copied yet. */
export async function openCopiedStore(
  path: string,
  place: Place,
  how: Pick<R2SyncOptions, "summaryEveryMs"> = {},
): Promise<TelemetryPool> {
  const sync = new R2Sync({ ...place, ...how, intervalMs: 0 });
  const store = new TelemetryPool({ driver: sqliteDriver({ path }), sync });
  await store.open();
  return store;
}

/** The requests of class A that a store's sync has made. */
export function classAOf(store: TelemetryPool): number {
  return store.stats().sync?.requests.classA ?? Number.NaN;
}

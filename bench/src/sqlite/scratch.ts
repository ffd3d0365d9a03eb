/** Databases that are made for one measurement and removed after it, on a real disk where there is one. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TelemetryPool } from "@telepool/core";
import { sqliteDriver } from "@telepool/driver-sqlite";
import { benchFolder } from "../env.ts";

/** Runs `work` with the path of a database that does not exist yet. */
export async function withScratch<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(benchFolder(), "telepool-bench-"));
  try {
    return await work(join(folder, "bench.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A store that is open, on a new file. */
export async function openStore(path: string): Promise<TelemetryPool> {
  const store = new TelemetryPool({ driver: sqliteDriver({ path }) });
  await store.open();
  return store;
}

/** Makes an empty database with telepool's tables and indexes, for contestants that write to it by themselves. */
export async function createTables(path: string): Promise<void> {
  const store = await openStore(path);
  await store.close();
}

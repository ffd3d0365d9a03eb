/** Opens the store of a command, and closes it on every path. Core and its driver are loaded here, when they are needed. */
import { existsSync } from "node:fs";
import type { StoreOptions, TelemetryPool } from "@telepool/core";
import type { CommandContext } from "./context.ts";

/** A command that runs once needs few connections, and none before its first call. */
const SMALL_POOL: StoreOptions = { pool: { min: 0, max: 4 } };

/**
 * Runs `work` on the store, which it opens at its first call and creates if there is none, and closes it: what was
 * begun is written before this settles.
 */
export async function withStore<T>(
  context: CommandContext,
  work: (store: TelemetryPool) => Promise<T>,
  options: StoreOptions = SMALL_POOL,
): Promise<T> {
  const { createPool } = await import("@telepool/core");
  const store = createPool(context.databaseUrl, options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/**
 * Runs `work` on a store that must exist, so that reading never leaves an empty database behind.
 *
 * @throws TelepoolError `DATABASE_NOT_FOUND`
 */
export async function withExistingStore<T>(
  context: CommandContext,
  work: (store: TelemetryPool) => Promise<T>,
  options?: StoreOptions,
): Promise<T> {
  const file = await databaseFile(context.databaseUrl);
  if (file !== undefined && !existsSync(file)) {
    const { TelepoolError } = await import("@telepool/core");
    throw new TelepoolError(
      "DATABASE_NOT_FOUND",
      `there is no database at ${file}; insert something first, or name another one with --db or TELEPOOL_DB_URL`,
    );
  }
  return await withStore(context, work, options);
}

/** The file of a database that is one, as its driver understands the URL; `undefined` for a server and for memory. */
export async function databaseFile(url: string): Promise<string | undefined> {
  if (!/^(?:sqlite|file):/i.test(url)) return undefined;
  const { loadDriver } = await import("@telepool/core");
  const { location } = await loadDriver("sqlite", { url });
  return location === ":memory:" ? undefined : location;
}

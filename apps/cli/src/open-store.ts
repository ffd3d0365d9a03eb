/**
 * Opens the store of a command, and closes it on every path. Core and its driver are loaded here, when they are needed.
 *
 * A command that only reads opens a file with `readOnly`: whatever it is pointed at stays as it is, a database of another
 * program as well as one that a newer telepool wrote.
 */
import { existsSync } from "node:fs";
import type { StoreOptions, TelemetryPool } from "@telepool/core";
import type { CommandContext } from "./context.ts";

/** A command that runs once needs few connections, and none before its first call. */
const SMALL_POOL: StoreOptions = { pool: { min: 0, max: 4 } };

/** What is told with a database that is not there. */
const ADVICE = "insert something first, or name another one with --db or TELEPOOL_DB_URL";

/**
 * Runs `work` on the store, which it opens at its first call and creates if there is none, and closes it: what was
 * begun is written before this settles.
 */
export async function withStore<T>(
  context: CommandContext,
  work: (store: TelemetryPool) => Promise<T>,
  options: StoreOptions = SMALL_POOL,
): Promise<T> {
  return await useAndClose(await storeAt(context.databaseUrl, options), work);
}

/**
 * Runs `work` on a store that must exist, for commands that change what is there.
 *
 * @throws TelepoolError `DATABASE_NOT_FOUND`
 */
export async function withExistingStore<T>(
  context: CommandContext,
  work: (store: TelemetryPool) => Promise<T>,
): Promise<T> {
  await existingFile(context.databaseUrl, ADVICE);
  return await withStore(context, work);
}

/**
 * Runs `work` on a store that must exist, without a change to its file: not its tables, nor its journal's mode.
 *
 * @throws TelepoolError `DATABASE_NOT_FOUND`, or what the driver says of a file that is not telepool's
 */
export async function withReadOnlyStore<T>(
  context: CommandContext,
  work: (store: TelemetryPool) => Promise<T>,
  options: StoreOptions = SMALL_POOL,
): Promise<T> {
  return await useAndClose(await readOnlyStoreAt(context.databaseUrl, ADVICE, options), work);
}

/** A store that is opened at its first call, and created if there is none. Whoever asks for it closes it. */
export async function storeAt(url: string, options: StoreOptions = SMALL_POOL): Promise<TelemetryPool> {
  const { createPool } = await import("@telepool/core");
  return createPool(url, options);
}

/**
 * A store that must exist and cannot be changed through this: read-only whatever its URL says, except for a database in
 * memory, which begins empty. Whoever asks for it closes it.
 *
 * @param advice what to do when there is none
 * @throws TelepoolError `DATABASE_NOT_FOUND`
 */
export async function readOnlyStoreAt(
  url: string,
  advice: string,
  options: StoreOptions = SMALL_POOL,
): Promise<TelemetryPool> {
  const file = await existingFile(url, advice);
  const { createPool, kindOfUrl } = await import("@telepool/core");
  const kind = kindOfUrl(url);
  if (kind === "sqlite" && file === undefined) return createPool(url, options);
  return createPool(kind, { ...options, url, readOnly: true });
}

/** Runs `work` on a store, and closes it on every path. */
export async function useAndClose<T>(store: TelemetryPool, work: (store: TelemetryPool) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The file of a database, of which it is sure that it exists; `undefined` for one that is not a file. */
async function existingFile(url: string, advice: string): Promise<string | undefined> {
  const file = await databaseFile(url);
  if (file === undefined || existsSync(file)) return file;
  const { TelepoolError } = await import("@telepool/core");
  throw new TelepoolError("DATABASE_NOT_FOUND", `there is no database at ${file}; ${advice}`);
}

/** The file of a database that is one, as its driver understands the URL; `undefined` for a server and for memory. */
export async function databaseFile(url: string): Promise<string | undefined> {
  if (!/^(?:sqlite|file):/i.test(url)) return undefined;
  const { loadDriver } = await import("@telepool/core");
  const { location } = await loadDriver("sqlite", { url });
  return location === ":memory:" ? undefined : location;
}

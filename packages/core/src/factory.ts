/**
 * From a kind of database to its driver. A driver's package is loaded at first use, so that a program installs and
 * loads only what it needs. No other file of core names a driver package.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Driver } from "./driver/driver.ts";
import { TelepoolError } from "./errors.ts";

/** Options of the SQLite driver, `@telepool/driver-sqlite`. */
export interface SqliteDriverOptions {
  /** The database file, or `:memory:`; `./telepool.db` by default. */
  readonly path?: string;
  /** The same as a URL, with options in its query: `sqlite://./telepool.db?synchronous=normal`. */
  readonly url?: string;
  /**
   * When a commit counts as durable: `full` (the default) when it is on the disk; `normal` when the operating system has
   * it, so that a power cut, but not a killed process, can undo the last commits; `off` for data that may be lost.
   */
  readonly synchronous?: "full" | "normal" | "off";
  /** Opens an existing database for reading only. */
  readonly readOnly?: boolean;
}

/** The kinds of database, and what their drivers are configured by. */
export interface DriverConfigs {
  readonly sqlite: SqliteDriverOptions;
}

/** A kind of database that telepool has a driver for. */
export type DatabaseKind = keyof DriverConfigs;

interface DriverPackage {
  readonly name: string;
  /** The export that makes a driver from its options. */
  readonly factory: string;
  /** The names of the driver's options, to tell a misspelt option from one that is the driver's to check. */
  readonly options: readonly string[];
}

const PACKAGES: Readonly<Record<DatabaseKind, DriverPackage>> = {
  sqlite: {
    name: "@telepool/driver-sqlite",
    factory: "sqliteDriver",
    options: ["path", "url", "synchronous", "readOnly"],
  },
};

/** Checks that a kind is known. */
export function parseKind(kind: unknown): DatabaseKind {
  if (typeof kind === "string" && Object.hasOwn(PACKAGES, kind)) return kind as DatabaseKind; // its own keys are the kinds
  const kinds = Object.keys(PACKAGES).join(", ");
  throw new TelepoolError("INVALID_ARGUMENT", `the kind of database must be one of: ${kinds}`, { field: "kind" });
}

/** The names of the options that a kind's driver takes. */
export function driverOptionNames(kind: DatabaseKind): readonly string[] {
  return PACKAGES[kind].options;
}

/**
 * Loads the driver of a kind and configures it; opens nothing.
 *
 * @throws TelepoolError `DRIVER_NOT_INSTALLED` with the command that installs it, `INVALID_OPTION`
 */
export async function loadDriver<K extends DatabaseKind>(kind: K, config: DriverConfigs[K]): Promise<Driver> {
  const { name, factory } = PACKAGES[kind];
  const exports = await importFromApp(name);
  const create = exports[factory];
  if (typeof create !== "function") {
    throw new TelepoolError(
      "DRIVER_NOT_INSTALLED",
      `${name} has no export ${factory}; install the version that goes with @telepool/core`,
    );
  }
  return create(config) as Driver; // what the package's export returns, by its own types
}

/** Imports a package that is installed beside core or, where packages do not see each other, in the application. */
async function importFromApp(name: string): Promise<Record<string, unknown>> {
  try {
    return await import(name);
  } catch (error) {
    if (!isNotFound(error, name)) throw error;
    for (const folder of [process.cwd(), join(process.argv[1] ?? ".", "..")]) {
      const path = resolveFrom(folder, name);
      if (path !== undefined) return await import(pathToFileURL(path).href);
    }
    throw new TelepoolError(
      "DRIVER_NOT_INSTALLED",
      `the package ${name} is not installed; install it with: bun add ${name}`,
      {
        cause: error,
      },
    );
  }
}

function resolveFrom(folder: string, name: string): string | undefined {
  try {
    return createRequire(join(folder, "package.json")).resolve(name);
  } catch {
    return undefined;
  }
}

/** Whether it is the package itself that was not found, and not something that it imports. */
function isNotFound(error: unknown, name: string): boolean {
  const code = (error as { code?: unknown } | null)?.code; // only looked at
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && String(error).includes(name);
}

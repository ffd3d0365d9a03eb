/**
 * From a kind of database to its driver. A driver's package is loaded at first use, so that a program installs and
 * loads only what it needs. No other file of core names a driver package.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Driver } from "./driver/driver.ts";
import type { DatabaseKind, DriverConfigs } from "./driver-configs.ts";
import { TelepoolError } from "./errors.ts";
import { importPackage } from "./import-package.ts";

interface DriverPackage {
  readonly name: string;
  /** The export that makes a driver from its options. */
  readonly factory: string;
  /** The names of the driver's options, to tell a misspelt option from one that is the driver's to check. */
  readonly options: readonly string[];
  /** Options of the pool by the names that the driver's library uses for them. */
  readonly poolOptions: Readonly<Record<string, "max" | "min">>;
}

const SERVER_OPTIONS = [
  "url",
  "host",
  "port",
  "hosts",
  "user",
  "password",
  "passwordFile",
  "database",
  "ssl",
  "readFrom",
  "readOnly",
  "connectTimeoutMs",
  "statementTimeoutMs",
  "queryTimeoutMs",
  "applicationName",
] as const;

const PACKAGES: Readonly<Record<DatabaseKind, DriverPackage>> = {
  sqlite: {
    name: "@telepool/driver-sqlite",
    factory: "sqliteDriver",
    options: ["path", "url", "synchronous", "readOnly"],
    poolOptions: {},
  },
  postgresql: {
    name: "@telepool/driver-pg",
    factory: "pgDriver",
    options: [...SERVER_OPTIONS, "connectionString", "schema", "preparedStatements", "targetSessionAttrs"],
    poolOptions: { max: "max", min: "min" },
  },
  mysql: {
    name: "@telepool/driver-mysql",
    factory: "mysqlDriver",
    options: SERVER_OPTIONS,
    poolOptions: { connectionLimit: "max" },
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

/** Options of the pool by the names that the kind's own library uses for them. */
export function poolOptionAliases(kind: DatabaseKind): Readonly<Record<string, "max" | "min">> {
  return PACKAGES[kind].poolOptions;
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
    return await importPackage(name);
  } catch (error) {
    if (!isNotFound(error, name)) throw error;
    for (const folder of [process.cwd(), join(process.argv[1] ?? ".", "..")]) {
      const path = resolveFrom(folder, name);
      if (path !== undefined) return await importPackage(pathToFileURL(path).href);
    }
    throw new TelepoolError(
      "DRIVER_NOT_INSTALLED",
      `the package ${name} is not installed; install it with: ${installCommand()} ${name}`,
      {
        cause: error,
      },
    );
  }
}

/** The command of the package manager that goes with the runtime. */
function installCommand(): string {
  return process.versions.bun === undefined ? "npm install" : "bun add";
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

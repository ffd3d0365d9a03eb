/** The universal factory: a store from a kind and its configuration, or from a URL. */
import type { DatabaseKind, StoreConfigs } from "./driver-configs.ts";
import { TelepoolError } from "./errors.ts";
import { loadDriver, parseKind } from "./factory.ts";
import { unknownOption } from "./options.ts";
import { splitConfig } from "./split-config.ts";
import { STORE_OPTION_NAMES, type StoreOptions } from "./store-options.ts";
import { TelemetryPool } from "./telemetry-pool.ts";

const SCHEMES: Readonly<Record<string, DatabaseKind>> = {
  "sqlite:": "sqlite",
  "file:": "sqlite",
  "postgres:": "postgresql",
  "postgresql:": "postgresql",
  "mysql:": "mysql",
  "mariadb:": "mysql",
};

/**
 * The kind of database that a URL names.
 *
 * @throws TelepoolError `INVALID_ARGUMENT`
 */
export function kindOfUrl(url: string): DatabaseKind {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  const kind = scheme === undefined || !Object.hasOwn(SCHEMES, scheme) ? undefined : SCHEMES[scheme];
  if (kind !== undefined) return kind;
  // The URL itself may hold a password and is not repeated.
  throw new TelepoolError(
    "INVALID_ARGUMENT",
    "a database URL must begin with sqlite://, postgres:// or mysql://, as in sqlite://./telepool.db or postgres://user@host/database",
    { field: "url" },
  );
}

/**
 * Makes a store from a URL such as `sqlite://./telepool.db`, `postgres://user@host/database` or
 * `mysql://user@host/database`. Nothing is opened before the first call.
 *
 * @throws TelepoolError `INVALID_ARGUMENT`, `INVALID_OPTION`
 */
export function createPool(url: string, options?: StoreOptions): TelemetryPool;
/**
 * Makes a store of the given kind; its configuration holds the driver's options and those of the store. Nothing is
 * opened before the first call.
 *
 * @throws TelepoolError `INVALID_ARGUMENT`, `INVALID_OPTION`
 */
export function createPool<K extends DatabaseKind>(kind: K, config?: StoreConfigs[K] & StoreOptions): TelemetryPool;
export function createPool(kindOrUrl: string, config: object = {}): TelemetryPool {
  if (kindOrUrl.includes(":")) {
    const kind = kindOfUrl(kindOrUrl);
    const unknown = Object.keys(config).find((key) => !STORE_OPTION_NAMES.some((name) => name === key));
    if (unknown !== undefined) throw unknownOption(`options.${unknown}`, STORE_OPTION_NAMES);
    return new TelemetryPool({ ...config, driver: () => loadDriver(kind, { url: kindOrUrl }) });
  }
  const kind = parseKind(kindOrUrl);
  const { store, driver } = splitConfig(kind, config);
  return new TelemetryPool({ ...store, driver: () => loadDriver(kind, driver) });
}

/** The universal factory under the name that the original brief gave it. */
export const DatabasePoolFactory: { readonly createPool: typeof createPool } = Object.freeze({ createPool });

/** The universal factory: a store from a kind and its configuration, or from a URL. */
import { TelepoolError } from "./errors.ts";
import { type DatabaseKind, type DriverConfigs, driverOptionNames, loadDriver, parseKind } from "./factory.ts";
import { unknownOption } from "./options.ts";
import { STORE_OPTION_NAMES, type StoreOptions } from "./store-options.ts";
import { TelemetryPool } from "./telemetry-pool.ts";

const SCHEMES: Readonly<Record<string, DatabaseKind>> = { "sqlite:": "sqlite", "file:": "sqlite" };

/** The kind of database that a URL names. */
function kindOfUrl(url: string): DatabaseKind {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  const kind = scheme === undefined ? undefined : SCHEMES[scheme];
  if (kind !== undefined) return kind;
  // The URL itself may hold a password and is not repeated.
  throw new TelepoolError(
    "INVALID_ARGUMENT",
    "a database URL must begin with sqlite://, as in sqlite://./telepool.db",
    { field: "url" },
  );
}

/**
 * Makes a store from a URL such as `sqlite://./telepool.db`. Nothing is opened before the first call.
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
export function createPool<K extends DatabaseKind>(kind: K, config?: DriverConfigs[K] & StoreOptions): TelemetryPool;
export function createPool(kindOrUrl: string, config: object = {}): TelemetryPool {
  const isUrl = kindOrUrl.includes(":");
  const kind = isUrl ? kindOfUrl(kindOrUrl) : parseKind(kindOrUrl);
  const store: Record<string, unknown> = {};
  const driver: Record<string, unknown> = isUrl ? { url: kindOrUrl } : {};
  const driverOptions = isUrl ? [] : driverOptionNames(kind);
  for (const [key, value] of Object.entries(config)) {
    if (driverOptions.includes(key)) driver[key] = value;
    else if (STORE_OPTION_NAMES.some((name) => name === key)) store[key] = value;
    else throw unknownOption(`options.${key}`, [...driverOptions, ...STORE_OPTION_NAMES]);
  }
  return new TelemetryPool({ ...store, driver: () => loadDriver(kind, driver) });
}

/** A store's configuration as one object, taken apart into what the driver checks and what the store does. */
import type { DatabaseKind } from "./driver-configs.ts";
import { TelepoolError } from "./errors.ts";
import { driverOptionNames, poolOptionAliases } from "./factory.ts";
import { unknownOption } from "./options.ts";
import { STORE_OPTION_NAMES, type StoreOptions } from "./store-options.ts";

/** The two parts of a configuration. */
export interface SplitConfig {
  readonly store: StoreOptions;
  readonly driver: Readonly<Record<string, unknown>>;
}

/**
 * Takes a configuration apart. The size of the pool may stand in it under the name that the kind's library uses.
 *
 * @throws TelepoolError `INVALID_OPTION` for a name that is neither the driver's nor the store's, and for a size that is
 *   given twice
 */
export function splitConfig(kind: DatabaseKind, config: object): SplitConfig {
  const driverNames = driverOptionNames(kind);
  const aliases = poolOptionAliases(kind);
  const store: Record<string, unknown> = {};
  const driver: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    if (driverNames.includes(key)) driver[key] = value;
    else if (STORE_OPTION_NAMES.some((name) => name === key)) store[key] = value;
    else if (!Object.hasOwn(aliases, key)) {
      throw unknownOption(`options.${key}`, [...driverNames, ...Object.keys(aliases), ...STORE_OPTION_NAMES]);
    }
  }
  for (const [alias, name] of Object.entries(aliases)) putPoolOption(store, alias, name, config);
  return { store, driver };
}

function putPoolOption(store: Record<string, unknown>, alias: string, name: string, config: object): void {
  const value: unknown = Object.hasOwn(config, alias) ? config[alias as keyof typeof config] : undefined;
  if (value === undefined) return;
  const pool = store.pool ?? {};
  if (typeof pool !== "object") return; // what the store refuses itself
  if (Object.hasOwn(pool, name)) {
    const field = `options.${alias}`;
    throw new TelepoolError("INVALID_OPTION", `${field} and options.pool.${name} cannot both be given`, { field });
  }
  store.pool = { ...pool, [name]: value };
}

/**
 * The options of each of a store's pools, out of those that its user gave: what a role needs and the user did not set.
 * docs/pool-options.md, "Inside a store", says the same in words.
 */
import { DEFAULT_MAX, type PoolOptions } from "../pool/pool-options.ts";
import type { DriverCapabilities } from "./driver.ts";

/** How many scans may run beside each other; more would only take the processor from the writer. */
const MAX_SCANNERS = 2;
const SCANNER_IDLE_TIMEOUT_MS = 30_000;
/** A single writer, or a thread for scans, may be held by a long transaction or scan; those behind it wait this long. */
const LONG_WAIT_MS = 60_000;
const NEVER: number = Number.POSITIVE_INFINITY;

/** The options by role; without `read` or `scan` the role before it is served by the same pool. */
export interface RolePoolOptions {
  readonly write: PoolOptions;
  readonly read?: PoolOptions;
  readonly scan?: PoolOptions;
}

/** @param kind the driver's name, for the names of the pools */
export function rolePoolOptions(given: PoolOptions, kind: string, capabilities: DriverCapabilities): RolePoolOptions {
  const max = Math.min(given.max ?? DEFAULT_MAX, capabilities.maxConnections);
  const min = Math.min(given.min ?? (capabilities.prewarm ? max : 0), max);
  const name = given.name ?? kind;
  const common: PoolOptions = {
    // What is in this process does not vanish unseen, so a connection need not be asked before it is lent.
    ...(capabilities.inProcess ? { validateAfterIdleMs: NEVER } : {}),
    ...given,
  };
  if (capabilities.maxConnections === 1) {
    // The only connection may be the database itself, as with one in memory: it is never retired.
    return {
      write: { acquireTimeoutMs: LONG_WAIT_MS, ...common, name, min, max, idleTimeoutMs: NEVER, maxLifetimeMs: NEVER },
    };
  }
  if (capabilities.connections === "shared") return { write: { ...common, name, min, max } };
  if (capabilities.connections === "replicated") {
    // Each server has a pool of the whole size.
    const sized: PoolOptions = { ...common, min, max };
    return { write: { ...sized, name: `${name}.write` }, read: { ...sized, name: `${name}.read` } };
  }
  const patient: PoolOptions = { acquireTimeoutMs: LONG_WAIT_MS, ...common };
  return {
    write: { ...patient, name: `${name}.write`, min: Math.min(min, 1), max: 1 },
    ...(max === 1 ? {} : { read: { ...common, name: `${name}.read`, min: Math.max(min - 1, 0), max: max - 1 } }),
    scan: { idleTimeoutMs: SCANNER_IDLE_TIMEOUT_MS, ...patient, name: `${name}.scan`, min: 0, max: MAX_SCANNERS },
  };
}

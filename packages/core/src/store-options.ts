/** The options of a store that do not depend on its database. */
import * as v from "valibot";
import { TelepoolError } from "./errors.ts";
import type { MeterProvider } from "./metrics/meter-provider.ts";
import { parseOptions, wholeNumber } from "./options.ts";
import { type PoolOptions, parsePoolOptions } from "./pool/pool-options.ts";
import {
  type LookupQueueOptions,
  lookupQueueOptionsSchema,
  type WriteQueueOptions,
  writeQueueOptionsSchema,
} from "./queue/queue-options.ts";
import type { StoreSync } from "./sync/store-sync.ts";

/** Options of a store's connections. How long closing may take is the store's own option. */
export type StorePoolOptions = Omit<PoolOptions, "closeTimeoutMs">;

/** Options of a store, each with a default. */
export interface StoreOptions {
  /** The connections: docs/pool-options.md. How many are opened at the start is the driver's choice unless `min` is given. */
  readonly pool?: StorePoolOptions;
  /** The limits of the queue of profiles, and of the queue of events. */
  readonly writeQueue?: WriteQueueOptions;
  /** The limits of the queue of point reads. */
  readonly lookupQueue?: LookupQueueOptions;
  /**
   * How long work is done again that met a busy database or a conflict, or whose connection was lost and that can be
   * repeated, in milliseconds; 10 000 by default.
   */
  readonly retryTimeoutMs?: number;
  /** How long `close()` waits for what is under way, in milliseconds; 30 000 by default. */
  readonly closeTimeoutMs?: number;
  /**
   * Where the store's metrics go, as OpenTelemetry's; by default into the meter provider that the program has registered
   * when the store is opened, if it has. So an SDK is to be set up first.
   */
  readonly meterProvider?: MeterProvider;
  /** What copies the store to object storage: an `R2Sync` of `@telepool/r2-sync`. It belongs to this store alone. */
  readonly sync?: StoreSync;
}

/** The names of the store options, for those that take them among others. */
export const STORE_OPTION_NAMES = [
  "pool",
  "writeQueue",
  "lookupQueue",
  "retryTimeoutMs",
  "closeTimeoutMs",
  "meterProvider",
  "sync",
] as const;

const storeOptionsSchema = v.strictObject({
  pool: v.optional(
    v.custom<PoolOptions>((value) => typeof value === "object" && value !== null, "must be an object"),
    {},
  ),
  writeQueue: v.optional(writeQueueOptionsSchema, {}),
  lookupQueue: v.optional(lookupQueueOptionsSchema, {}),
  retryTimeoutMs: v.optional(wholeNumber(0, 2 ** 31 - 1, "milliseconds"), 10_000),
  closeTimeoutMs: v.optional(wholeNumber(1, 2 ** 31 - 1, "milliseconds"), 30_000),
  meterProvider: v.optional(v.custom<MeterProvider>(hasGetMeter, "must be a MeterProvider of OpenTelemetry")),
  sync: v.optional(v.custom<StoreSync>(hasStart, "must be an R2Sync")),
});

/** Store options with their defaults; those of the pool as they were given, for their defaults depend on the driver. */
export interface ParsedStoreOptions {
  readonly pool: PoolOptions;
  readonly writeQueue: Readonly<Required<WriteQueueOptions>>;
  readonly lookupQueue: Readonly<Required<LookupQueueOptions>>;
  readonly retryTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly meterProvider?: MeterProvider | undefined;
  readonly sync?: StoreSync | undefined;
}

function hasStart(value: unknown): boolean {
  return typeof value === "object" && value !== null && "start" in value && typeof value.start === "function";
}

function hasGetMeter(value: unknown): boolean {
  return typeof value === "object" && value !== null && "getMeter" in value && typeof value.getMeter === "function";
}

/** Checks store options. */
export function parseStoreOptions(options: StoreOptions): ParsedStoreOptions {
  const parsed = parseOptions(storeOptionsSchema, options, "options");
  parsePoolOptions(parsed.pool, "options.pool");
  if ("closeTimeoutMs" in parsed.pool) {
    const field = "options.pool.closeTimeoutMs";
    throw new TelepoolError("INVALID_OPTION", `${field}: a store closes as a whole; give options.closeTimeoutMs`, {
      field,
    });
  }
  return parsed;
}

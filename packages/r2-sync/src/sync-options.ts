/** The options of a sync, each with a default but for where the bucket is. */
import { parseOptions, type TelemetryPool, TelepoolError, wholeNumber } from "@telepool/core";
import * as v from "valibot";
import type { R2BucketOptions } from "./bucket/r2-options.ts";
import { parsePrefix } from "./copy/keys.ts";

/** Where a copy is. */
export interface R2Location extends R2BucketOptions {
  /** What all keys begin with, such as `telemetry/production`; empty by default. */
  readonly prefix?: string;
}

/** How a store is copied. */
export interface R2SyncOptions extends R2Location {
  /**
   * How often changes are copied, in milliseconds: 10 000 by default. What a crash can cost the copy, never the database. 0
   * copies only when it is told to.
   */
  readonly intervalMs?: number;
  /** About how many bytes of rows go into an object, before they are compressed: 2 MiB. So many are copied at once. */
  readonly maxBatchBytes?: number;
  /** A checkpoint is written when there are changes and the last is so old, in milliseconds: 7 days. 0 for never by age. */
  readonly checkpointEveryMs?: number;
  /** And when the log has so many objects behind it: 10 000. */
  readonly checkpointEveryObjects?: number;
  /** Every state of the last so many milliseconds can be restored: 30 days; `Infinity` deletes nothing. */
  readonly keepMs?: number;
  /** How much longer stays what is no longer needed, so that no restore loses what it reads, in milliseconds: 1 day. */
  readonly graceMs?: number;
  /** How often the copy is restored into a scratch database to see whether it can be, in milliseconds: 7 days; 0 for never. */
  readonly proofEveryMs?: number;
  /** Makes the empty store for such a proof, which is closed afterwards; SQLite in the folder for temporary files by default. */
  readonly scratch?: () => TelemetryPool | Promise<TelemetryPool>;
  /** How often `telemetry-pool.json` is written at most, in milliseconds: 300 000, as it counts the rows; 0 for never. */
  readonly summaryEveryMs?: number;
  /** How long the last copying takes at most when the store closes, in milliseconds: 10 000. */
  readonly flushTimeoutMs?: number;
}

const DAY_MS = 86_400_000;
const milliseconds = wholeNumber(0, Number.MAX_SAFE_INTEGER, "milliseconds");
const forever = v.literal(Number.POSITIVE_INFINITY);

const schema = v.strictObject({
  prefix: v.optional(v.string("must be a text"), ""),
  intervalMs: v.optional(wholeNumber(0, 2 ** 31 - 1, "milliseconds"), 10_000),
  maxBatchBytes: v.optional(wholeNumber(1024, 64 * 1024 * 1024, "bytes"), 2 * 1024 * 1024),
  checkpointEveryMs: v.optional(milliseconds, 7 * DAY_MS),
  checkpointEveryObjects: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER, "objects"), 10_000),
  keepMs: v.optional(
    v.union([forever, milliseconds], "must be a whole number of milliseconds, or Infinity"),
    30 * DAY_MS,
  ),
  graceMs: v.optional(milliseconds, DAY_MS),
  proofEveryMs: v.optional(milliseconds, 7 * DAY_MS),
  scratch: v.optional(v.function("must be a function that makes a store")),
  summaryEveryMs: v.optional(milliseconds, 300_000),
  flushTimeoutMs: v.optional(wholeNumber(0, 2 ** 31 - 1, "milliseconds"), 10_000),
});

/** The options of a sync without those of its bucket, with their defaults. */
export type SyncConfig = Readonly<Required<Omit<R2SyncOptions, keyof R2BucketOptions | "scratch">>> & {
  readonly scratch: R2SyncOptions["scratch"];
};

/** The names of the options that say how, not where. */
const NAMES: ReadonlySet<string> = new Set(Object.keys(schema.entries));

const BUCKET_NAMES = [
  "bucket",
  "accountId",
  "jurisdiction",
  "endpoint",
  "allowInsecureEndpoint",
  "credentials",
  "requestTimeoutMs",
  "retryTimeoutMs",
] as const satisfies readonly (keyof R2BucketOptions)[];

/** All names, so that of a misspelled one the nearest of all is told. */
const anyValues = v.strictObject(
  Object.fromEntries([...NAMES, ...BUCKET_NAMES].map((name) => [name, v.optional(v.unknown())])),
);

/**
 * Checks and completes options; gives those of the bucket apart, unchecked.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseSyncOptions(
  options: R2SyncOptions,
  where: string,
): { readonly bucket: R2BucketOptions; readonly config: SyncConfig } {
  if (typeof options !== "object" || options === null) {
    throw new TelepoolError("INVALID_OPTION", `${where} must be an object`, { field: where });
  }
  parseOptions(anyValues, options, where);
  const entries = Object.entries(options);
  const bucket = Object.fromEntries(entries.filter(([name]) => !NAMES.has(name)));
  const own = parseOptions(schema, Object.fromEntries(entries.filter(([name]) => NAMES.has(name))), where);
  const scratch = options.scratch;
  const config = { ...own, prefix: parsePrefix(own.prefix, `${where}.prefix`), scratch };
  return { bucket: bucket as unknown as R2BucketOptions, config }; // the bucket checks them
}

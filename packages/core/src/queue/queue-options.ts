/** The limits of the write and lookup queues: parsed once, frozen, documented in docs/pool-options.md. */
import * as v from "valibot";
import { type Defaulted, wholeNumber } from "../options.ts";

/** Limits of a write queue. */
export interface WriteQueueOptions {
  /** The most rows in one batch, and so in one transaction; 1000 by default. */
  readonly maxBatchRows?: number;
  /** The most bytes in one batch, in UTF-16 units; 4 MiB by default. A larger row goes alone. */
  readonly maxBatchBytes?: number;
  /** How many rows may be queued or under way before callers have to wait; 50 000 by default. */
  readonly maxQueueRows?: number;
  /** How many bytes may be queued or under way before callers have to wait; 64 MiB by default. */
  readonly maxQueueBytes?: number;
  /** How many callers may wait for room before further ones are refused with `QUEUE_FULL`; 50 000 by default. */
  readonly maxWaiting?: number;
  /** How many bytes the rows of waiting callers may hold before further ones are refused likewise; 256 MiB by default. */
  readonly maxWaitingBytes?: number;
}

const bytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, "bytes");

/** The schema of `WriteQueueOptions` with its defaults. */
export const writeQueueOptionsSchema: v.StrictObjectSchema<
  Readonly<Record<keyof WriteQueueOptions, Defaulted<number>>>,
  undefined
> = v.strictObject({
  maxBatchRows: v.optional(wholeNumber(1, 100_000, "rows"), 1000),
  maxBatchBytes: v.optional(bytes, 4 * 1024 * 1024),
  maxQueueRows: v.optional(wholeNumber(1, 100_000_000, "rows"), 50_000),
  maxQueueBytes: v.optional(bytes, 64 * 1024 * 1024),
  maxWaiting: v.optional(wholeNumber(0, 100_000_000, "callers"), 50_000),
  maxWaitingBytes: v.optional(bytes, 256 * 1024 * 1024),
});

/** Limits of a lookup queue. */
export interface LookupQueueOptions {
  /** The most ids in one query; 500 by default. */
  readonly maxBatchKeys?: number;
  /** How many lookups may wait or be under way before further ones are refused with `QUEUE_FULL`; 100 000 by default. */
  readonly maxWaiting?: number;
}

/** The schema of `LookupQueueOptions` with its defaults. */
export const lookupQueueOptionsSchema: v.StrictObjectSchema<
  Readonly<Record<keyof LookupQueueOptions, Defaulted<number>>>,
  undefined
> = v.strictObject({
  maxBatchKeys: v.optional(wholeNumber(1, 10_000, "ids"), 500),
  maxWaiting: v.optional(wholeNumber(1, 100_000_000, "lookups"), 100_000),
});

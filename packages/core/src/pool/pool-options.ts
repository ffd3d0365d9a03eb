/**
 * The pool's options: their rules, their defaults, and the parser that every pool goes through.
 *
 * docs/pool-options.md says of each why its default is what it is. A value against its rule, an unknown name and
 * `min > max` are `INVALID_OPTION`; nothing is clamped.
 */
import * as v from "valibot";
import type { Clock } from "../clock.ts";
import { abortedError, TelepoolError } from "../errors.ts";
import { type Defaulted, durationMsOrNever, parseOptions, wholeNumber } from "../options.ts";
import type { Selection } from "./idle-list.ts";
import type { PoolMeter } from "./pool-stats.ts";

const NEVER: number = Number.POSITIVE_INFINITY;

/** How many resources a pool has at most, unless it is told otherwise. */
export const DEFAULT_MAX = 20;

const SOME_MS_OR_NEVER = "must be a whole number from 1 to 2147483647 milliseconds, or Infinity";

/** At least one millisecond, or `Infinity`: where zero would mean that nothing can ever succeed or last. */
const someMsOrNever: v.GenericSchema<number> = v.pipe(
  v.number(SOME_MS_OR_NEVER),
  v.check((ms) => ms === NEVER || (Number.isInteger(ms) && ms >= 1 && ms < 2 ** 31), SOME_MS_OR_NEVER),
);

/** The waits between failed attempts to create: they double from `initialMs` to `maxMs`, each cut by up to a half. */
export interface ConnectBackoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** The schema's entries by name. */
export type PoolOptionEntries = {
  readonly name: Defaulted<string>;
  readonly min: Defaulted<number>;
  readonly max: Defaulted<number>;
  readonly acquireTimeoutMs: Defaulted<number>;
  readonly idleTimeoutMs: Defaulted<number>;
  readonly maxLifetimeMs: Defaulted<number>;
  readonly validateAfterIdleMs: Defaulted<number>;
  readonly validateTimeoutMs: Defaulted<number>;
  readonly keepaliveMs: Defaulted<number>;
  readonly maxWaiting: Defaulted<number>;
  readonly selection: Defaulted<Selection>;
  readonly leakThresholdMs: Defaulted<number>;
  readonly connectBackoff: v.OptionalSchema<v.GenericSchema<ConnectBackoff>, ConnectBackoff>;
  readonly closeTimeoutMs: Defaulted<number>;
  readonly sampleEvery: Defaulted<number>;
};

const DEFAULT_BACKOFF: ConnectBackoff = { initialMs: 50, maxMs: 2000 };

const connectBackoffSchema: v.GenericSchema<ConnectBackoff> = v.strictObject({
  initialMs: wholeNumber(1, 3_600_000, "milliseconds"),
  maxMs: wholeNumber(1, 3_600_000, "milliseconds"),
});

/** The rules and defaults of a pool's options, to be embedded where a pool is part of something larger. */
export const poolOptionsSchema: v.StrictObjectSchema<PoolOptionEntries, undefined> = v.strictObject({
  name: v.optional(v.pipe(v.string("must be a text"), v.minLength(1, "must not be empty")), "pool"),
  min: v.optional(wholeNumber(0, 100_000), 0),
  max: v.optional(wholeNumber(1, 100_000), DEFAULT_MAX),
  acquireTimeoutMs: v.optional(someMsOrNever, 5000),
  idleTimeoutMs: v.optional(someMsOrNever, 600_000),
  maxLifetimeMs: v.optional(someMsOrNever, 1_800_000),
  validateAfterIdleMs: v.optional(durationMsOrNever, 500),
  validateTimeoutMs: v.optional(wholeNumber(1, 2 ** 31 - 1, "milliseconds"), 2000),
  keepaliveMs: v.optional(someMsOrNever, NEVER),
  maxWaiting: v.optional(wholeNumber(1, 10_000_000), 100_000),
  selection: v.optional(v.picklist(["lifo", "round-robin"], 'must be "lifo" or "round-robin"'), "lifo"),
  leakThresholdMs: v.optional(someMsOrNever, NEVER),
  connectBackoff: v.optional(connectBackoffSchema, DEFAULT_BACKOFF),
  closeTimeoutMs: v.optional(durationMsOrNever, 30_000),
  sampleEvery: v.optional(wholeNumber(0, 1_000_000_000), 64),
});

/** What a caller may give; docs/pool-options.md describes each. */
export type PoolOptions = v.InferInput<typeof poolOptionsSchema>;

/** The options with every default filled in. */
export type ResolvedPoolOptions = Readonly<v.InferOutput<typeof poolOptionsSchema>>;

/**
 * Parses and freezes the options of a pool.
 *
 * @param where the path that messages start with, such as `pool`
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parsePoolOptions(input: unknown, where = "pool"): ResolvedPoolOptions {
  const options = parseOptions(poolOptionsSchema, input, where);
  checkOrder(options.min, options.max, `${where}.min`, `${where}.max`);
  checkOrder(
    options.connectBackoff.initialMs,
    options.connectBackoff.maxMs,
    `${where}.connectBackoff.initialMs`,
    "maxMs",
  );
  return options;
}

/** What a pool's owner, or a test, puts in place of what it would make itself. */
export interface PoolDeps {
  readonly clock?: Clock | undefined;
  /** What it counts with. */
  readonly meter?: PoolMeter | undefined;
}

/** Per call: how long to wait at most, and the signal that ends the wait. */
export interface AcquireOptions {
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds from now, above zero; `Infinity` waits without end. The pool's `acquireTimeoutMs` unless given. */
  readonly timeoutMs?: number | undefined;
}

/** What is wrong with a call's timeout, if anything: it must be a number of milliseconds from `least` up. */
export function objectionToTimeout(timeoutMs: number, least: number): TelepoolError | undefined {
  if (timeoutMs === NEVER || (timeoutMs >= least && timeoutMs <= 2 ** 31 - 1)) return undefined;
  return new TelepoolError(
    "INVALID_ARGUMENT",
    `timeoutMs must be from ${least} to 2147483647 milliseconds, or Infinity (got ${timeoutMs})`,
    { field: "timeoutMs" },
  );
}

/** Why a call must be refused at the door, if it must: an impossible timeout, or a signal that has fired already. */
export function objectionToAcquire({ signal, timeoutMs }: AcquireOptions): TelepoolError | undefined {
  const objection = timeoutMs === undefined ? undefined : objectionToTimeout(timeoutMs, 1);
  if (objection !== undefined) return objection;
  return signal?.aborted === true ? abortedError(signal, "acquiring a connection") : undefined;
}

function checkOrder(low: number, high: number, lowField: string, highField: string): void {
  if (low <= high) return;
  throw new TelepoolError("INVALID_OPTION", `${lowField}: must not be above ${highField} (got ${low} and ${high})`, {
    field: lowField,
  });
}

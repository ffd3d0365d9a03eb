/** How much a request may ask for: the limits, their defaults, and what they must be to make sense. */
import { parseOptions, TelepoolError, wholeNumber } from "@telepool/core";
import * as v from "valibot";

/** How much a request may ask for; all of it has a default. */
export interface AppLimits {
  /** The largest body that is read as a whole, and the longest line of one that is streamed, in bytes; 16 MiB by default. */
  readonly maxBodyBytes?: number;
  /** How many bytes of bodies may be in memory at once; 64 MiB by default, or `maxBodyBytes` where that is more. */
  readonly maxBytesUnderWay?: number;
  /**
   * How long a request may take from its head to its answer, in seconds; 30 by default. It does not hold for large and for
   * streamed bodies, exports and the tail, for which `idleMs` does. Bun's server holds it; the app gives it back after those.
   */
  readonly requestTimeoutS?: number;
  /** How long a request's body may stand still, and a reader of an export or the tail, in milliseconds; 30 000 by default. */
  readonly idleMs?: number;
  /** How long a query may take, in milliseconds; 25 000 by default, or nine tenths of a request's time where that is less. */
  readonly queryTimeoutMs?: number;
  /** How many bodies of lines may be stored at once; 64 by default. */
  readonly maxImports?: number;
  /** How many exports, and how many aggregates, may run at once; 8 by default. */
  readonly maxLongQueries?: number;
  /** How many clients may follow the live tail at once; 100 by default. */
  readonly maxTailReaders?: number;
}

const MIB = 1024 * 1024;

const milliseconds = wholeNumber(1, 2 ** 31 - 1, "milliseconds");
const bytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, "bytes");
const many = wholeNumber(1, 100_000);

const schema = v.strictObject({
  maxBodyBytes: v.optional(wholeNumber(1, 2 ** 30, "bytes"), 16 * MIB),
  maxBytesUnderWay: v.exactOptional(bytes),
  requestTimeoutS: v.optional(wholeNumber(1, 255, "seconds"), 30), // Bun's longest
  idleMs: v.optional(milliseconds, 30_000),
  queryTimeoutMs: v.exactOptional(milliseconds),
  maxImports: v.optional(many, 64),
  maxLongQueries: v.optional(many, 8),
  maxTailReaders: v.optional(many, 100),
});

/**
 * The limits with their defaults; `where` is the path that messages start with.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseLimits(given: AppLimits, where: string): Required<AppLimits> {
  const parsed = parseOptions(schema, given, where);
  const { maxBodyBytes, requestTimeoutS } = parsed;
  const { maxBytesUnderWay = Math.max(64 * MIB, maxBodyBytes) } = parsed;
  const { queryTimeoutMs = Math.min(25_000, requestTimeoutS * 900) } = parsed;
  if (maxBytesUnderWay < maxBodyBytes) {
    const rule = `must be at least the largest body, ${maxBodyBytes} (got ${maxBytesUnderWay})`;
    throw invalid(`${where}.maxBytesUnderWay`, rule);
  }
  if (queryTimeoutMs >= requestTimeoutS * 1000) {
    const rule = `must be less than the time of a request, ${requestTimeoutS} s (got ${queryTimeoutMs})`;
    throw invalid(`${where}.queryTimeoutMs`, rule);
  }
  return { ...parsed, maxBytesUnderWay, queryTimeoutMs };
}

function invalid(field: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
}

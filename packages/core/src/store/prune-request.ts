/** What may be asked of pruning. */
import type { CallTiming } from "../call-timing.ts";
import { TelepoolError } from "../errors.ts";
import { checkKeys } from "./known-keys.ts";

/** What is to be kept; at least one limit is given. */
export interface PruneRequest {
  /** Profiles and events older than this many milliseconds go. */
  readonly olderThanMs?: number;
  /** Profiles and events whose time is before this one go: milliseconds since 1970. Not together with `olderThanMs`. */
  readonly before?: number;
  /** At most this many profiles stay, and at most this many events: the newest. */
  readonly maxRows?: number;
  /** The oldest rows go until the data takes at most this many bytes, indexes included. */
  readonly maxBytes?: number;
  /** The one kind of rows that this call removes; both if absent. `maxBytes` counts the data as a whole all the same. */
  readonly only?: "profiles" | "events";
  readonly signal?: AbortSignal;
  /** Is told where the call's time went. */
  readonly timing?: CallTiming;
  /** Told after every step what has been removed so far. */
  readonly onProgress?: (removed: PruneResult) => void;
}

/** What was removed. */
export interface PruneResult {
  readonly profiles: number;
  readonly events: number;
  readonly sessions: number;
}

const LIMITS = ["olderThanMs", "before", "maxRows", "maxBytes"] as const;
const KEYS: ReadonlySet<string> = new Set([...LIMITS, "only", "signal", "timing", "onProgress"]);

/** A table from which rows are removed. */
export type PrunedTable = "profiles" | "analytics";

const TABLES: Readonly<Record<"both" | "profiles" | "events", readonly PrunedTable[]>> = {
  both: ["profiles", "analytics"],
  profiles: ["profiles"],
  events: ["analytics"],
};

/** The limits of a request, and where they hold. */
export interface ParsedPruneRequest {
  readonly before: number | undefined;
  readonly maxRows: number | undefined;
  readonly maxBytes: number | undefined;
  readonly tables: readonly PrunedTable[];
}

/** @throws TelepoolError `INVALID_ARGUMENT` */
export function parsePruneRequest(request: PruneRequest, nowMs: number): ParsedPruneRequest {
  checkKeys(request, KEYS, "prune");
  for (const name of LIMITS) {
    const value = request[name];
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
      throw refused(`prune.${name}`, `prune.${name} must be a whole number of 0 or more`);
    }
  }
  if (LIMITS.every((name) => request[name] === undefined)) {
    throw refused("prune", "prune needs at least one of olderThanMs, before, maxRows and maxBytes");
  }
  if (request.olderThanMs !== undefined && request.before !== undefined) {
    throw refused("prune.before", "prune.before and prune.olderThanMs are two words for one limit; give one of them");
  }
  const { only } = request;
  if (only !== undefined && only !== "profiles" && only !== "events") {
    throw refused("prune.only", 'prune.only must be "profiles" or "events"');
  }
  const { olderThanMs, before = olderThanMs === undefined ? undefined : nowMs - olderThanMs } = request;
  return { before, maxRows: request.maxRows, maxBytes: request.maxBytes, tables: TABLES[only ?? "both"] };
}

function refused(field: string, message: string): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", message, { field });
}

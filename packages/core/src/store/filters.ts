/** What lists can be narrowed by, checked at the door. */
import { checkKeys } from "./known-keys.ts";
import { parseName, parseTime } from "./rows.ts";

/** A span of time, in milliseconds since 1970: `from` belongs to it, `to` does not. */
export interface TimeRange {
  readonly from?: number;
  readonly to?: number;
}

/** Which profiles are wanted: those that meet every given condition. */
export interface ProfileFilter extends TimeRange {
  readonly member?: string;
  readonly session?: string;
  readonly document?: string;
}

/** Which events are wanted: those that meet every given condition. */
export interface EventFilter extends TimeRange {
  readonly type?: string;
  readonly session?: string;
}

const NAMES = ["member", "session", "document", "type"] as const;

/** The conditions that a filter of profiles may have. */
export const PROFILE_FILTER_KEYS: ReadonlySet<string> = new Set(["member", "session", "document", "from", "to"]);
/** The conditions that a filter of events may have. */
export const EVENT_FILTER_KEYS: ReadonlySet<string> = new Set(["type", "session", "from", "to"]);

/** Checks a filter that may have the keys `known`; absent conditions are left out. */
export function parseFilter<F extends ProfileFilter & EventFilter>(
  filter: F | undefined,
  known: ReadonlySet<string>,
): F {
  if (filter === undefined) return {} as F; // every condition is optional
  checkKeys(filter, known, "filter");
  const parsed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(filter)) {
    const field = `filter.${key}`;
    if (value === undefined) continue;
    parsed[key] = NAMES.some((name) => name === key) ? parseName(value, field) : parseTime(value, field);
  }
  return parsed as F; // each value was checked under its own key
}

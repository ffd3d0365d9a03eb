/** The day that a row belongs to, by which files are laid into folders. */

/** The first millisecond that an ISO date of four digits for the year cannot say: 10000-01-01. */
const YEAR_10000_MS = 253_402_300_800_000;

/** What Hive, and with it every engine, takes as a partition without a value. */
export const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

/** The first that it can: 0000-01-01. */
const YEAR_0_MS = -62_167_219_200_000;

/** The day of a time in UTC, as in `2026-11-25`; `__HIVE_DEFAULT_PARTITION__` for one that has no year of four digits. */
export function dayOf(timestamp: number): string {
  return timestamp >= YEAR_0_MS && timestamp < YEAR_10000_MS
    ? new Date(timestamp).toISOString().slice(0, 10)
    : NULL_PARTITION;
}

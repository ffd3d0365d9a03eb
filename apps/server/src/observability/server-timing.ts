/**
 * Where the time of a request went: the header `server-timing`, which browsers and curl show. Beside `total` it has the
 * parts of the store's work that the request needed; what it asked for side by side adds up.
 */
import type { CallTiming } from "@telepool/core";
import type { Context } from "hono";

const TIMING = "timing";

/** What the calls of the store add their time to: one object for each request. */
export function timingOf(c: Context): CallTiming {
  const timing: CallTiming = c.get(TIMING) ?? { queueMs: 0, poolMs: 0, databaseMs: 0 };
  c.set(TIMING, timing);
  return timing;
}

/** The header's value. */
export function serverTiming(c: Context, totalMs: number): string {
  const { queueMs, poolMs, databaseMs } = timingOf(c);
  const parts = { queue: queueMs, pool: poolMs, db: databaseMs };
  const needed = Object.entries(parts).filter(([, ms]) => ms > 0);
  return [...needed, ["total", totalMs] as const].map(([name, ms]) => `${name};dur=${ms.toFixed(2)}`).join(", ");
}

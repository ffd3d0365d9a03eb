/**
 * How long a request took, and how much of it the store: the header `server-timing`, which browsers and curl show.
 *
 * `store` is the time from asking the store to its answer: waiting in a queue, for a connection and for the database.
 */
import type { Context } from "hono";

const STORE_MS = "storeMs";

/** Waits for the store, and counts the time. */
export async function stored<T>(c: Context, work: Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work;
  } finally {
    c.set(STORE_MS, (c.get(STORE_MS) ?? 0) + performance.now() - startedMs);
  }
}

/** The header's value. */
export function serverTiming(c: Context, totalMs: number): string {
  const storeMs: number | undefined = c.get(STORE_MS);
  const total = `total;dur=${totalMs.toFixed(2)}`;
  return storeMs === undefined ? total : `store;dur=${storeMs.toFixed(2)}, ${total}`;
}

/**
 * The small object of the original brief, `telemetry-pool.json`: how many rows there are and how the pool does. It is for people
 * to look at; nothing is restored from it.
 */
import type { SyncSource } from "@telepool/core/sync";
import type { Bucket } from "./bucket/bucket.ts";
import { summaryKey } from "./copy/keys.ts";

/** Writes it. R2 takes one write a second for a key. */
export async function putSummary(
  bucket: Bucket,
  prefix: string,
  source: SyncSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { sync, ...poolStats } = source.stats();
  const [profiles, sessions, events] = [
    await source.count("profiles"),
    await source.count("sessions"),
    await source.count("analytics"),
  ];
  const timestamp = new Date(source.clock.wallMs()).toISOString();
  const summary = { timestamp, profiles, sessions, events, poolStats, sync };
  const content = Buffer.from(`${JSON.stringify(summary, null, 2)}\n`);
  await bucket.put(summaryKey(prefix), content, { contentType: "application/json", signal });
}

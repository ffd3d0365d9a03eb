/** A store, what copies it into the R2 that all tests share, and the proxy between them. */
import { createPool, type ProfileInput, type TelemetryPool } from "@telepool/core";
import { openSyncSource } from "@telepool/core/sync";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import type { R2SyncOptions } from "../../src/sync-options.ts";
import { type Bench, openBench } from "../bucket/r2-fixture.ts";
import { digestsOf } from "../schedules/digests-of.ts";

/** A copy that is brought up to date only when it is told to. */
export interface CopyBench extends Bench {
  readonly store: TelemetryPool;
  readonly sync: R2Sync;
  readonly archive: R2Archive;
  /** Of a sync of the same copy, which copies only when it is told to. */
  readonly options: R2SyncOptions;
}

export async function openCopyBench(options: Partial<R2SyncOptions> = {}): Promise<CopyBench> {
  const bench = await openBench({ retryTimeoutMs: 0 });
  const own = { ...syncOptions(bench), ...options };
  const store = createPool("sqlite", { path: ":memory:" });
  const sync = new R2Sync(own);
  await sync.attach(store);
  return {
    ...bench,
    store,
    sync,
    archive: new R2Archive(bench.bucket, bench.prefix),
    options: own,
    [Symbol.asyncDispose]: async () => {
      await sync[Symbol.asyncDispose]();
      await store.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

/** A failure is thrown at once: the pauses before another attempt would be real ones. */
export function syncOptions({ server, proxy, prefix }: Bench): R2SyncOptions {
  const { bucket, credentials } = server;
  return { bucket, credentials, endpoint: proxy.endpoint, prefix, retryTimeoutMs: 0, intervalMs: 0 };
}

/** An empty store in memory. */
export function emptyStore(): TelemetryPool {
  return createPool("sqlite", { path: ":memory:" });
}

/** All rows of a store, as digests by table and id. */
export async function rowsOf(store: TelemetryPool): Promise<Map<string, bigint>> {
  return await digestsOf(await openSyncSource(store));
}

/** All keys below the prefix that hold a text. */
export async function keysWith({ bucket, prefix }: Pick<Bench, "bucket" | "prefix">, text: string): Promise<string[]> {
  const keys = (await Array.fromAsync(bucket.list(prefix))).flat().map(({ key }) => key);
  return keys.filter((key) => key.includes(text));
}

/** Profiles with ids of their own, in some sessions. */
export function someProfiles(count: number, name: string): (ProfileInput & { readonly id: string })[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${name}-${index}`,
    session: `${name}-session-${index % 3}`,
    profile: { name, index, text: "🦊 text" },
    member: `member-${index % 2}`,
    document: "document",
    timestamp: Date.UTC(2026, 0, 1 + (index % 2)) + index,
  }));
}

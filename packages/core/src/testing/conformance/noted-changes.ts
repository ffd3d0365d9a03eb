/** What a database notes of the changes of its rows, as cases look at it. */
import type { ChangeFeed } from "../../sync/change-feed.ts";
import type { CopyLedger } from "../../sync/copy-ledger.ts";
import { openSyncSource } from "../../sync/index.ts";
import type { SyncSource } from "../../sync/sync-source.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";

/** Changes that a case reads at once: all that it has made. */
const ALL = { maxRows: 100_000, maxBytes: Number.MAX_SAFE_INTEGER };

/** A store whose changes are noted from now on. */
export async function noting(store: TelemetryPool): Promise<SyncSource> {
  const source = await openSyncSource(store);
  await source.changes.install();
  await source.ledger.begin("the copy of this case");
  return source;
}

/** What has changed since the last call, as `profiles profile-000001`, in order and each once. It is forgotten then. */
export async function taken({
  changes: feed,
  ledger,
}: {
  readonly changes: ChangeFeed;
  readonly ledger: CopyLedger;
}): Promise<string[]> {
  const changes = await feed.page(ALL);
  const head = await ledger.begin("the copy of this case");
  const next = { sequence: head.sequence + 1, sha256: `object ${head.sequence + 1}`, committedAt: 0 };
  const numbers = changes.map(({ seq }) => seq);
  if (!(await ledger.advance(head, next, numbers))) throw new Error("somebody else copies the database of this case");
  return [...new Set(changes.map(({ table, id }) => `${table} ${id}`))].sort();
}

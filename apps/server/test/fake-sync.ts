/** A copy that copies nothing: a test says how it stands and how its syncs end. */
import type { StoreSync, SyncResult, SyncStatus } from "@telepool/core";

/** What a sync has copied that ends well. */
export const SYNCED: SyncResult = {
  source: "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f",
  sequence: 7,
  objects: 2,
  rows: { profiles: 3, events: 1, sessions: 1, deleted: 0 },
  bytes: 4096,
  durationMs: 12.5,
};

/** A copy that has nothing to do. */
export const IDLE: SyncStatus = {
  state: "idle",
  location: "https://storage.example/bucket/prefix",
  source: SYNCED.source,
  sequence: 7,
  pendingRows: 0,
  lagSeconds: 0,
  objects: 9,
  bytes: 65_536,
  requests: { classA: 9, classB: 2, retries: 0 },
  lastSyncAt: 1_795_545_000_000,
  lastError: null,
  progress: null,
  checkpoint: null,
  proof: null,
};

/** Gives in `status` how it stands, and ends each sync as `sync` does. */
export class FakeSync implements StoreSync {
  current: SyncStatus = IDLE;
  sync: () => Promise<SyncResult> = async () => SYNCED;
  /** How often a sync was begun. */
  begun = 0;

  start(): void {}

  now(): Promise<SyncResult> {
    this.begun++;
    return this.sync();
  }

  status(): SyncStatus {
    return this.current;
  }

  observe(): void {}

  async stop(): Promise<void> {
    this.current = { ...this.current, state: "stopped" };
  }
}

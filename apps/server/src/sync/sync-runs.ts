/**
 * Syncs that requests ask for. There is one under way at most, and one that follows it, which all share that come in the
 * meantime: so each request is about everything that was stored before it, and no crowd of them makes more than two syncs.
 */
import type { SyncResult } from "@telepool/core";

/** The syncs of one store. */
export class SyncRuns {
  readonly #sync: () => Promise<SyncResult>;
  #current: Promise<SyncResult> | undefined;
  #next: Promise<SyncResult> | undefined;

  /** @param sync begins one, and resolves when it has ended */
  constructor(sync: () => Promise<SyncResult>) {
    this.#sync = sync;
  }

  /** The end of a sync that has not begun before this call; it goes on whether or not anybody waits. */
  run(): Promise<SyncResult> {
    if (this.#current === undefined && this.#next === undefined) return this.#begin();
    this.#next ??= this.#follow(this.#current);
    return this.#next;
  }

  async #follow(current: Promise<SyncResult> | undefined): Promise<SyncResult> {
    await current?.catch(() => undefined); // those who asked for it are told
    this.#next = undefined;
    return await this.#begin();
  }

  #begin(): Promise<SyncResult> {
    const run = this.#sync().finally(() => {
      this.#current = undefined;
    });
    this.#current = run;
    return run;
  }
}

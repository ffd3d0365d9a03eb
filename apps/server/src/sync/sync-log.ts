/**
 * What an operator has to know of the copy, as entries of the log: where it goes, that it fails and that it has caught up, once for
 * each change and not for each attempt, and that it could not be restored when that was tried.
 *
 * A copy tells nobody of its changes, so it is looked at once a second, which asks only this process's memory.
 */
import { type Clock, type ErrorCode, type ProofStatus, type SyncStatus, systemClock, type Timer } from "@telepool/core";
import type { Log } from "../observability/log.ts";

const LOOK_EVERY_MS = 1000;

/** Passes when the storage is back; all other failures wait for somebody who mends them. */
const PASSING: ErrorCode = "STORAGE_UNREACHABLE";

/** What it works with. */
export interface SyncLogDeps {
  readonly status: () => SyncStatus;
  readonly log: Log;
  readonly clock?: Clock;
}

/** Watches the copy of one store until it is disposed of. */
export class SyncLog implements Disposable {
  readonly #status: () => SyncStatus;
  readonly #log: Log;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #failing: ErrorCode | undefined;
  #proof: ProofStatus | undefined;

  constructor({ status, log, clock = systemClock }: SyncLogDeps) {
    this.#status = status;
    this.#log = log;
    this.#clock = clock;
    log({ level: "info", message: "the store is copied to object storage", location: status().location });
    this.#lookLater();
  }

  /** Looks now; for a copy that has ended, says what it has left. */
  look(): void {
    const status = this.#status();
    this.#tellFailure(status);
    this.#tellProof(status);
    const { state, pendingRows } = status;
    if (state !== "stopped" || pendingRows === 0) return;
    this.#log({ level: "warn", message: "rows are not copied yet; the next sync copies them", rows: pendingRows });
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #lookLater(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.look();
      if (this.#timer !== undefined) this.#lookLater();
    }, LOOK_EVERY_MS);
  }

  #tellFailure({ lastError, location }: SyncStatus): void {
    const code = lastError?.code;
    if (code === this.#failing) return;
    this.#failing = code;
    if (lastError === null) {
      this.#log({ level: "info", message: "the copy has caught up", location });
      return;
    }
    const message =
      code === "COPY_FENCED"
        ? "the bucket has objects that did not come from this database, so it is not copied until somebody decides which is the right one"
        : "the copy fails and is tried again; the store goes on without it";
    const { message: reason } = lastError;
    this.#log({ level: code === PASSING ? "warn" : "error", message, location, error: { code, message: reason } });
  }

  #tellProof({ proof, location }: SyncStatus): void {
    if (proof === null || proof.at === this.#proof?.at) return;
    const before = this.#proof;
    this.#proof = proof;
    const { ok, sequence, message: reason } = proof;
    if (!ok) this.#log({ level: "error", message: "the copy failed its proof", location, sequence, reason });
    else if (before?.ok === false)
      this.#log({ level: "info", message: "the copy is proven again", location, sequence });
  }
}

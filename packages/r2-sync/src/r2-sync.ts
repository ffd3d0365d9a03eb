/**
 * Copies a store to R2, and goes on doing so: every change is logged within an interval, all rows are written anew as a checkpoint
 * from time to time, what is old is deleted, and the copy is restored into a scratch database now and then to prove it.
 *
 * The log has one writer at a time within this process; checkpoints and proofs go on beside it. Between processes the bucket
 * decides: docs/decisions/0014-copy.md. What fails is tried again, with growing pauses; the store never waits for any of it.
 */
import {
  abortedError,
  type MetricSet,
  type ProofStatus,
  type StoreSync,
  type SyncOptions,
  type SyncResult,
  type SyncStatus,
  type TelemetryPool,
  TelepoolError,
} from "@telepool/core";
import { openSyncSource, type SyncSource } from "@telepool/core/sync";
import { R2Bucket } from "./bucket/r2-bucket.ts";
import { noteProof } from "./copy/notes.ts";
import type { StoreCopy } from "./copy/store-copy.ts";
import { CopyLoop } from "./copy-loop.ts";
import { Copying } from "./copying.ts";
import { proofOf } from "./proof.ts";
import { R2Archive } from "./r2-archive.ts";
import { defineSyncMetrics } from "./sync-metrics.ts";
import { parseSyncOptions, type R2SyncOptions, type SyncConfig } from "./sync-options.ts";
import { putSince, SyncRecord } from "./sync-record.ts";
import { verifyDatabase } from "./verify/verify-database.ts";
import type { VerifyLevel, VerifyReport } from "./verify/verify-report.ts";

/** How often the summary is written at most when a sync is asked for. */
const SUMMARY_MS = 5000;
/** What has been told to end gets so long at least. */
const END_MS = 500;
/** Between attempts at a proof that cannot be made: each reads the whole copy. */
const PROOF_PAUSE_MS = 3_600_000;

/** Copies one store. */
export class R2Sync implements StoreSync, AsyncDisposable {
  readonly #config: SyncConfig;
  readonly #bucket: R2Bucket;
  readonly #archive: R2Archive;
  readonly #record: SyncRecord = new SyncRecord();
  readonly #stopping: AbortController = new AbortController();
  #copying: Copying | undefined;
  #loop: CopyLoop | undefined;
  #looping: Promise<void> | undefined;
  #proving: Promise<unknown> | undefined;
  /** When a proof was begun that was due. */
  #provingAt = 0;
  #unlisten: (() => void) | undefined;
  /** Whether a store was made with this sync. */
  #isObserved = false;
  #stop: Promise<void> | undefined;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: R2SyncOptions) {
    const { bucket, config } = parseSyncOptions(options, "sync");
    this.#config = config;
    this.#bucket = new R2Bucket(bucket, { where: "sync" });
    this.#archive = new R2Archive(this.#bucket, config.prefix);
  }

  start(source: SyncSource): void {
    if (this.#copying !== undefined || this.#stopping.signal.aborted) return;
    const { clock } = source;
    const { intervalMs, maxBatchBytes: maxBytes } = this.#config;
    const { signal } = this.#stopping;
    const deps = { source, bucket: this.#bucket, config: this.#config, record: this.#record, stopping: signal };
    const copying = new Copying(deps);
    this.#copying = copying;
    this.#record.state = "starting";
    this.#unlisten = source.onStored(({ rows }) => {
      this.#record.stored(rows.length, clock.wallMs());
      this.#loop?.stored(rows.reduce((bytes, { json }) => bytes + json.length, 0));
    });
    if (intervalMs === 0) return;
    const cycle = () => this.#cycle(copying);
    this.#loop = new CopyLoop({
      clock,
      intervalMs,
      maxBytes,
      signal,
      cycle,
      onFailure: (error) => this.#failed(error),
    });
    this.#looping = this.#loop.run();
  }

  /** Copies a store that was made without this sync. The store must be open for as long as it is copied. */
  async attach(store: TelemetryPool): Promise<void> {
    if (this.#copying !== undefined) {
      throw new TelepoolError("INVALID_ARGUMENT", "a sync copies one store; make another for this one", {
        field: "store",
      });
    }
    this.start(await openSyncSource(store));
  }

  async now({ signal, onProgress }: SyncOptions = {}): Promise<SyncResult> {
    const copying = this.#started();
    const { clock } = copying.source;
    const startedMs = clock.monotonicMs();
    const before = this.#record.totals;
    const { signal: stopping } = this.#stopping;
    const either = signal === undefined ? stopping : AbortSignal.any([signal, stopping]);
    try {
      const copy = await copying.begun(either);
      if (copy.checkpoint === undefined) await copying.checkpoint(copy, either, onProgress);
      const { source, sequence } = await copying.drain(copy, either, onProgress);
      const isAlone = this.#loop === undefined; // otherwise that sees to it
      if (isAlone && copy.isCheckpointDue(clock.wallMs())) await copying.checkpoint(copy, either, onProgress);
      await copying.summarize(Math.min(SUMMARY_MS, this.#config.summaryEveryMs), either);
      const put = putSince(before, this.#record.totals);
      return { source, sequence, ...put, durationMs: clock.monotonicMs() - startedMs };
    } catch (error) {
      if (signal?.aborted) throw abortedError(signal, "the sync");
      if (stopping.aborted) throw stoppedError();
      this.#failed(error);
      throw error;
    }
  }

  /** Writes a checkpoint now, and deletes what is no longer to be kept. */
  async checkpoint({ signal, onProgress }: SyncOptions = {}): Promise<void> {
    const copying = this.#started();
    await copying.checkpoint(await copying.begun(signal), signal, onProgress);
  }

  /**
   * Verifies the copy of this store. What is wrong is in the report; only what hinders the looking is thrown.
   *
   * @param level `database` by default, which compares all rows
   */
  async verify(level: VerifyLevel = "database", signal?: AbortSignal): Promise<VerifyReport> {
    const copying = this.#started();
    const copy = await copying.begun(signal);
    const { scratch } = this.#config;
    if (level !== "database") {
      const { source, sequence: reached } = copy.head;
      return await this.#archive.verify({ source, level, reached, scratch, signal });
    }
    const drain = () => copying.drain(copy, signal);
    return await verifyDatabase({ bucket: this.#bucket, keys: copy.keys, source: copying.source, drain, signal });
  }

  /** Restores the copy into a scratch database, compares it with the store, and notes what was found. */
  async prove(signal?: AbortSignal): Promise<ProofStatus> {
    const { source } = this.#started();
    await this.now({ signal });
    const restored = await this.verify("restore", signal);
    const compared = restored.ok ? [await this.verify("database", signal)] : [];
    const proof = proofOf([restored, ...compared], source.clock.wallMs());
    await noteProof(source.notes, restored.source, proof);
    this.#record.proof = proof;
    return proof;
  }

  /** Leaves the copy as it is, and begins a new one beside it with all rows. */
  async beginAnew(options: SyncOptions = {}): Promise<SyncResult> {
    await this.#started().beginAnew(options.signal);
    return await this.now(options);
  }

  status(): SyncStatus {
    const record = this.#record;
    const copy = this.#copying?.copy;
    const { objects, bytes } = record.totals;
    const { classA, classB, retries } = this.#bucket.counts;
    return {
      state: record.state,
      location: `${this.#bucket.location}/${this.#config.prefix}`,
      source: copy?.head.source ?? null,
      sequence: copy?.head.sequence ?? 0,
      pendingRows: record.pending,
      lagSeconds: Math.round(record.lagMs(this.#copying?.source.clock.wallMs() ?? 0)) / 1000,
      objects,
      bytes,
      requests: { classA, classB, retries },
      lastSyncAt: record.lastSyncAt ?? null,
      lastError: record.lastError ?? null,
      progress: record.progress ?? null,
      checkpoint: copy?.checkpoint ?? null,
      proof: record.proof ?? null,
    };
  }

  observe(set: MetricSet): void {
    if (this.#isObserved) {
      throw new TelepoolError("INVALID_OPTION", "options.sync: a sync copies one store; make another for this one", {
        field: "options.sync",
      });
    }
    this.#isObserved = true;
    defineSyncMetrics(set, this.#record, () => this.status());
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stop ??= this.#end(Math.min(timeoutMs, this.#config.flushTimeoutMs));
    return this.#stop;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(this.#config.flushTimeoutMs);
  }

  #started(): Copying {
    if (this.#stopping.signal.aborted) throw stoppedError();
    if (this.#copying !== undefined) return this.#copying;
    throw new TelepoolError("INVALID_ARGUMENT", "the sync has no store: give it to one as sync, or attach one");
  }

  /** Copies what has changed, if no other process does, and begins what is due beside it. */
  async #cycle(copying: Copying): Promise<void> {
    const { signal } = this.#stopping;
    await copying.look(); // first of all: what waits is to be seen also while the bucket is away
    const copy = await copying.begun(signal);
    if (!(await copying.hold())) return await copying.leaveToOthers();
    if (copy.checkpoint === undefined) await copying.checkpoint(copy);
    const before = copy.head.sequence;
    await copying.drain(copy);
    if (copy.isCheckpointDue(copying.source.clock.wallMs())) await copying.checkpoint(copy);
    if (copy.head.sequence !== before) await copying.summarize(this.#config.summaryEveryMs, signal);
    this.#proveIfDue(copy, copying.source.clock.wallMs());
  }

  #proveIfDue(copy: StoreCopy, nowMs: number): void {
    const { proofEveryMs } = this.#config;
    const since = this.#record.proof?.at ?? copy.checkpoint?.at;
    if (proofEveryMs === 0 || since === undefined || this.#proving !== undefined) return;
    if (nowMs - since < proofEveryMs || nowMs - this.#provingAt < Math.min(proofEveryMs, PROOF_PAUSE_MS)) return;
    this.#provingAt = nowMs;
    this.#proving = this.prove(this.#stopping.signal)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#proving = undefined;
      });
  }

  #failed(error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#record.state = "failing";
    this.#record.progress = undefined;
    this.#record.failed(error, this.#copying?.source.clock.wallMs() ?? 0);
  }

  /** Lets what is under way end, and copies what is left, both by the deadline. */
  async #end(timeoutMs: number): Promise<void> {
    const copying = this.#copying;
    const startedMs = performance.now();
    this.#unlisten?.();
    if (copying !== undefined) await this.#flush(copying, timeoutMs);
    this.#stopping.abort();
    this.#loop?.wake();
    const leftMs = Math.max(END_MS, timeoutMs - (performance.now() - startedMs));
    await within(leftMs, Promise.allSettled([this.#looping, this.#proving, copying?.end()]));
    this.#bucket.close();
    this.#record.state = "stopped";
  }

  async #flush(copying: Copying, timeoutMs: number): Promise<void> {
    if (!copying.hasBegun || this.#loop === undefined || timeoutMs <= 0) return;
    const deadline = new AbortController();
    const timer = copying.source.clock.setTimer(() => {
      deadline.abort();
      this.#stopping.abort(); // also ends what has its turn before
    }, timeoutMs);
    try {
      const copy = await copying.begun(deadline.signal);
      if (copy.checkpoint === undefined) await copying.checkpoint(copy);
      await copying.drain(copy, deadline.signal);
    } catch (error) {
      this.#failed(error);
    } finally {
      timer.cancel();
    }
  }
}

/** Settles with the work, or after a time: a query that the database cannot interrupt must not hold up a store that closes. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function stoppedError(): TelepoolError {
  return new TelepoolError("POOL_CLOSED", "the sync has been stopped");
}

/**
 * Copies a store to R2, and goes on doing so: every change is logged within an interval, all rows are written anew as a checkpoint
 * from time to time, what is old is deleted, and the copy is restored into a scratch database now and then to prove it.
 *
 * The log has one writer at a time within this process; checkpoints and proofs go on beside it. Between processes the bucket
 * decides: docs/decisions/0014-copy.md. What fails is tried again, with growing pauses; the store never waits for any of it.
 */
import {
  abortedError,
  isTelepoolError,
  type MetricSet,
  newId,
  type ProofStatus,
  type StoreSync,
  type SyncOptions,
  type SyncResult,
  type SyncStatus,
  type TelemetryPool,
  TelepoolError,
  type Timer,
} from "@telepool/core";
import { untilAborted } from "@telepool/core/remote";
import { openSyncSource, type SyncSource } from "@telepool/core/sync";
import { R2Bucket } from "./bucket/r2-bucket.ts";
import { StoreCopy, type StoreCopyDeps } from "./copy/store-copy.ts";
import { lastProof, noteProof } from "./proof.ts";
import { R2Archive } from "./r2-archive.ts";
import { putSummary } from "./summary.ts";
import { defineSyncMetrics } from "./sync-metrics.ts";
import { parseSyncOptions, type R2SyncOptions, type SyncConfig } from "./sync-options.ts";
import { putSince, SyncRecord } from "./sync-record.ts";
import { verifyDatabase } from "./verify/verify-database.ts";
import type { VerifyLevel, VerifyReport } from "./verify/verify-report.ts";

/** The pauses after failures: from, and to at most. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;
/** How often the summary is written at most when a sync is asked for. */
const SUMMARY_MS = 5000;
/** Between attempts at a proof that cannot be made: each reads the whole copy. */
const PROOF_PAUSE_MS = 3_600_000;
/** How much longer than an interval a process is taken to be at work that says nothing. */
const HOLD_MS = 15_000;

/** Copies one store. */
export class R2Sync implements StoreSync, AsyncDisposable {
  readonly #config: SyncConfig;
  readonly #bucket: R2Bucket;
  readonly #archive: R2Archive;
  readonly #record: SyncRecord = new SyncRecord();
  readonly #holder: string = newId();
  readonly #stopping: AbortController = new AbortController();
  #source: SyncSource | undefined;
  #beginning: Promise<StoreCopy> | undefined;
  #copy: StoreCopy | undefined;
  #unlisten: (() => void) | undefined;
  /** Those that write the log, one behind the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #checkpointing: Promise<void> | undefined;
  #proving: Promise<unknown> | undefined;
  /** When a proof was begun that was due. */
  #provingAt = 0;
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #storedBytes = 0;
  #failures = 0;
  #summaryAt = 0;
  #stop: Promise<void> | undefined;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: R2SyncOptions) {
    const { bucket, config } = parseSyncOptions(options, "sync");
    this.#config = config;
    this.#bucket = new R2Bucket(bucket, { where: "sync" });
    this.#archive = new R2Archive(this.#bucket, config.prefix);
  }

  start(source: SyncSource): void {
    if (this.#source !== undefined || this.#stopping.signal.aborted) return;
    this.#source = source;
    this.#record.state = "starting";
    this.#unlisten = source.onStored(({ rows }) => this.#stored(rows));
    if (this.#config.intervalMs > 0) this.#loop = this.#run(source);
  }

  /** Copies a store that was made without this sync. The store must be open for as long as it is copied. */
  async attach(store: TelemetryPool): Promise<void> {
    if (this.#source !== undefined) {
      throw new TelepoolError("INVALID_ARGUMENT", "a sync copies one store; make another for this one", {
        field: "store",
      });
    }
    this.start(await openSyncSource(store));
  }

  async now(options: SyncOptions = {}): Promise<SyncResult> {
    const { signal, onProgress } = options;
    const source = this.#started();
    const startedMs = source.clock.monotonicMs();
    const before = this.#record.totals;
    const either = signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
    try {
      const copy = await this.#begun(either);
      if (copy.checkpoint === undefined) await orAborted(this.#checkpoint(copy, onProgress), either);
      const head = await this.#drain(copy, either, onProgress);
      const isAlone = this.#loop === undefined; // otherwise that sees to it
      if (isAlone && copy.isCheckpointDue(source.clock.wallMs())) {
        await orAborted(this.#checkpoint(copy, onProgress), either);
      }
      await this.#summary(source, Math.min(SUMMARY_MS, this.#config.summaryEveryMs), either);
      const put = putSince(before, this.#record.totals);
      const { source: id, sequence } = head;
      return { source: id, sequence, ...put, durationMs: source.clock.monotonicMs() - startedMs };
    } catch (error) {
      if (signal?.aborted) throw abortedError(signal, "the sync");
      if (this.#stopping.signal.aborted) throw stoppedError();
      this.#failed(error, source);
      throw error;
    }
  }

  /** Writes a checkpoint now, and deletes what is no longer to be kept. */
  async checkpoint(options: SyncOptions = {}): Promise<void> {
    const copy = await this.#begun(options.signal);
    await orAborted(this.#checkpoint(copy, options.onProgress), options.signal);
  }

  /**
   * Verifies the copy of this store. What is wrong is in the report; only what hinders the looking is thrown.
   *
   * @param level `database` by default, which compares all rows
   */
  async verify(level: VerifyLevel = "database", signal?: AbortSignal): Promise<VerifyReport> {
    const source = this.#started();
    const copy = await this.#begun(signal);
    const { scratch } = this.#config;
    if (level !== "database") {
      const { source: id, sequence: reached } = copy.head;
      return await this.#archive.verify({ source: id, level, reached, scratch, signal });
    }
    const drain = () => this.#drain(copy, signal ?? this.#stopping.signal);
    return await verifyDatabase({ bucket: this.#bucket, keys: copy.keys, source, drain, signal });
  }

  /** Restores the copy into a scratch database, compares it with the store, and notes what was found. */
  async prove(signal?: AbortSignal): Promise<ProofStatus> {
    const source = this.#started();
    await this.now({ signal });
    const restored = await this.verify("restore", signal);
    const compared = restored.ok ? [await this.verify("database", signal)] : [];
    const proof = await noteProof(source, [restored, ...compared]);
    this.#record.proof = proof;
    return proof;
  }

  /** Leaves the copy as it is, and begins a new one beside it with all rows. */
  async beginAnew(options: SyncOptions = {}): Promise<SyncResult> {
    const source = this.#started();
    await Promise.allSettled([this.#turn, this.#checkpointing]);
    this.#copy = await StoreCopy.beginAnew(this.#copyDeps(source), options.signal);
    return await this.now(options);
  }

  status(): SyncStatus {
    const record = this.#record;
    const nowMs = this.#source?.clock.wallMs() ?? 0;
    const { objects, bytes } = record.totals;
    const { classA, classB, retries } = this.#bucket.counts;
    return {
      state: record.state,
      location: `${this.#bucket.location}/${this.#config.prefix}`,
      source: this.#copy?.head.source ?? null,
      sequence: this.#copy?.head.sequence ?? 0,
      pendingRows: record.pending,
      lagSeconds: Math.round(record.lagMs(nowMs)) / 1000,
      objects,
      bytes,
      requests: { classA, classB, retries },
      lastSyncAt: record.lastSyncAt ?? null,
      lastError: record.lastError ?? null,
      progress: record.progress ?? null,
      checkpoint: this.#copy?.checkpoint ?? null,
      proof: record.proof ?? null,
    };
  }

  observe(set: MetricSet): void {
    defineSyncMetrics(set, this.#record, () => this.status());
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stop ??= this.#end(Math.min(timeoutMs, this.#config.flushTimeoutMs));
    return this.#stop;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(this.#config.flushTimeoutMs);
  }

  #started(): SyncSource {
    if (this.#stopping.signal.aborted) throw stoppedError();
    if (this.#source !== undefined) return this.#source;
    throw new TelepoolError("INVALID_ARGUMENT", "the sync has no store: give it to one as sync, or attach one");
  }

  #stored(rows: readonly { readonly json: string }[]): void {
    const nowMs = this.#source?.clock.wallMs() ?? 0;
    this.#record.stored(rows.length, nowMs);
    for (const { json } of rows) this.#storedBytes += json.length;
    // Not while attempts fail: then the pauses are to grow, however much is stored.
    if (this.#failures === 0 && this.#storedBytes >= this.#config.maxBatchBytes) this.#wake?.();
  }

  async #run(source: SyncSource): Promise<void> {
    const { signal } = this.#stopping;
    for (let pauseMs = 0; !signal.aborted; ) {
      await this.#pause(source, pauseMs);
      this.#storedBytes = 0;
      if (signal.aborted) return;
      try {
        await this.#cycle(source, signal);
        this.#failures = 0;
        pauseMs = this.#config.intervalMs;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(error, source);
        pauseMs = this.#pauseAfter(error, source.clock.random());
      }
    }
  }

  /** Copies what has changed, if no other process does, and begins what is due beside it. */
  async #cycle(source: SyncSource, signal: AbortSignal): Promise<void> {
    const copy = await this.#begun(signal);
    if (!(await this.#hold(source))) {
      this.#record.state = "held";
      return;
    }
    if (copy.checkpoint === undefined) await this.#checkpoint(copy);
    const before = copy.head.sequence;
    await this.#drain(copy, signal);
    if (copy.isCheckpointDue(source.clock.wallMs())) await this.#checkpoint(copy);
    if (copy.head.sequence !== before) await this.#summary(source, this.#config.summaryEveryMs, signal);
    this.#proveIfDue(copy, source);
  }

  async #hold({ ledger, clock }: SyncSource): Promise<boolean> {
    const nowMs = clock.wallMs();
    return await ledger.hold(this.#holder, nowMs + this.#config.intervalMs * 2 + HOLD_MS, nowMs);
  }

  /** The copy, once it has begun; after a failure the next call tries again. */
  async #begun(signal: AbortSignal | undefined): Promise<StoreCopy> {
    const source = this.#started();
    if (this.#copy !== undefined && !(await this.#copy.isReplaced())) return this.#copy;
    this.#beginning ??= this.#begin(source).finally(() => {
      this.#beginning = undefined;
    });
    return await orAborted(this.#beginning, signal); // which ends nobody else's waiting
  }

  async #begin(source: SyncSource): Promise<StoreCopy> {
    const copy = await StoreCopy.begin(this.#copyDeps(source), this.#stopping.signal);
    this.#copy = copy;
    this.#record.proof = await lastProof(source);
    this.#record.counted(await source.changes.count(), copy.head.committedAt || source.clock.wallMs());
    return copy;
  }

  #copyDeps(source: SyncSource): StoreCopyDeps {
    return {
      source,
      bucket: this.#bucket,
      config: this.#config,
      onLog: (object) => this.#record.putLog(object),
      onPart: (part) => this.#record.putPart(part),
    };
  }

  /** Logs all changes, when those who came before have done so. */
  #drain(copy: StoreCopy, signal: AbortSignal, onProgress?: SyncOptions["onProgress"]): Promise<StoreCopy["head"]> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#drainNow(copy, signal, onProgress));
    this.#turn = turn;
    return turn;
  }

  async #drainNow(
    copy: StoreCopy,
    signal: AbortSignal,
    onProgress: SyncOptions["onProgress"],
  ): Promise<StoreCopy["head"]> {
    const { changes, clock } = this.#started();
    const record = this.#record;
    const startedMs = clock.wallMs();
    try {
      signal.throwIfAborted();
      record.state = "syncing";
      this.#storedBytes = 0;
      const totalRows = await changes.count();
      record.counted(totalRows, startedMs);
      const head = await copy.drain(signal, () => {
        const progress = { phase: "log", rows: Math.max(0, totalRows - record.pending), totalRows } as const;
        record.progress = progress;
        onProgress?.(progress);
      });
      record.drained(await changes.count(), startedMs);
      if (copy.checkpoint !== undefined) record.synced(startedMs);
      return head;
    } catch (error) {
      if (signal.aborted) throw abortedError(signal, "the sync");
      throw error;
    } finally {
      record.progress = undefined;
      record.state = copy.checkpoint === undefined ? "starting" : "idle"; // without one nothing can be restored
    }
  }

  /** Writes a checkpoint, or joins the one that is being written; then deletes what is not to be kept. */
  async #checkpoint(copy: StoreCopy, onProgress?: SyncOptions["onProgress"]): Promise<void> {
    this.#checkpointing ??= this.#writeCheckpoint(copy, onProgress).finally(() => {
      this.#checkpointing = undefined;
    });
    await this.#checkpointing;
  }

  async #writeCheckpoint(copy: StoreCopy, onProgress: SyncOptions["onProgress"]): Promise<void> {
    const source = this.#started();
    const { signal } = this.#stopping;
    const isFirst = copy.checkpoint === undefined;
    const startedMs = source.clock.wallMs();
    let totalRows = 0;
    for (const table of ["profiles", "analytics", "sessions"] as const) totalRows += await source.count(table);
    let rows = 0;
    let drainedMs = source.clock.monotonicMs();
    await copy.writeCheckpoint({
      signal,
      onPart: async (part) => {
        rows += part.rows;
        if (isFirst) this.#record.copied(part);
        const progress = { phase: "checkpoint", rows, totalRows: Math.max(rows, totalRows) } as const;
        this.#record.progress = progress;
        onProgress?.(progress);
        if (source.clock.monotonicMs() - drainedMs < this.#config.intervalMs) return;
        await this.#hold(source);
        await this.#drain(copy, signal);
        drainedMs = source.clock.monotonicMs();
      },
      drain: () => this.#drain(copy, signal),
    });
    this.#record.progress = undefined;
    if (isFirst) this.#record.synced(startedMs);
    if (Number.isFinite(this.#config.keepMs)) await copy.retain(signal);
  }

  #proveIfDue(copy: StoreCopy, source: SyncSource): void {
    const { proofEveryMs } = this.#config;
    const since = this.#record.proof?.at ?? copy.checkpoint?.at;
    if (proofEveryMs === 0 || since === undefined || this.#proving !== undefined) return;
    const nowMs = source.clock.wallMs();
    if (nowMs - since < proofEveryMs || nowMs - this.#provingAt < Math.min(proofEveryMs, PROOF_PAUSE_MS)) return;
    this.#provingAt = nowMs;
    this.#proving = this.prove(this.#stopping.signal)
      .catch((error: unknown) => this.#failed(error, source))
      .finally(() => {
        this.#proving = undefined;
      });
  }

  async #summary(source: SyncSource, everyMs: number, signal: AbortSignal): Promise<void> {
    const nowMs = source.clock.wallMs();
    if (this.#config.summaryEveryMs === 0 || nowMs - this.#summaryAt < everyMs) return;
    this.#summaryAt = nowMs;
    try {
      await putSummary(this.#bucket, this.#config.prefix, source, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      this.#record.failed(error, nowMs); // what was copied is copied: nothing is restored from the summary
    }
  }

  #failed(error: unknown, source: SyncSource): void {
    if (this.#stopping.signal.aborted) return;
    this.#record.state = "failing";
    this.#record.progress = undefined;
    this.#record.failed(error, source.clock.wallMs());
  }

  #pauseAfter(error: unknown, random: number): number {
    const growing = FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 20);
    const longest = Math.max(LONGEST_PAUSE_MS, this.#config.intervalMs);
    // What only a person can mend is asked about rarely: each question costs.
    const pauseMs = isTelepoolError(error, "COPY_FENCED") ? longest : Math.min(growing, longest);
    return pauseMs * (0.5 + random / 2);
  }

  /** Ends after a time, or when it is woken. */
  async #pause({ clock }: SyncSource, ms: number): Promise<void> {
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = clock.setTimer(resolve, ms);
    });
    this.#wake = undefined;
    timer?.cancel();
  }

  /** Lets what is under way end, and copies what is left, both by the deadline. */
  async #end(timeoutMs: number): Promise<void> {
    const source = this.#source;
    this.#unlisten?.();
    if (source !== undefined) await this.#flush(source, timeoutMs);
    this.#stopping.abort();
    this.#wake?.();
    await Promise.allSettled([this.#loop, this.#turn, this.#checkpointing, this.#proving]);
    if (this.#copy !== undefined) await source?.ledger.letGo(this.#holder).catch(() => undefined);
    this.#bucket.close();
    this.#record.state = "stopped";
  }

  async #flush(source: SyncSource, timeoutMs: number): Promise<void> {
    const hasBegun = this.#copy !== undefined || this.#beginning !== undefined;
    if (!hasBegun || this.#config.intervalMs === 0 || timeoutMs <= 0) return;
    const deadline = new AbortController();
    const timer = source.clock.setTimer(() => {
      deadline.abort();
      this.#stopping.abort(); // also ends what has its turn before
    }, timeoutMs);
    try {
      const copy = await this.#begun(deadline.signal);
      if (copy.checkpoint === undefined) await this.#checkpoint(copy);
      await this.#drain(copy, deadline.signal);
    } catch (error) {
      this.#failed(error, source);
    } finally {
      timer.cancel();
    }
  }
}

/** What is awaited, or the end of the waiting: what others may wait for as well goes on. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? await work : await untilAborted(work, signal, "the sync");
}

function stoppedError(): TelepoolError {
  return new TelepoolError("POOL_CLOSED", "the sync has been stopped");
}

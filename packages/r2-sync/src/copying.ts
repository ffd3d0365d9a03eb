/**
 * The copying of one open store: who may write the log now, beginning the copy once, checkpoints that several may wait for, and
 * what is remembered of all that. When it is done is for others to say.
 */
import { abortedError, newId, type SyncOptions } from "@telepool/core";
import { untilAborted } from "@telepool/core/remote";
import type { CopyHead, SyncSource } from "@telepool/core/sync";
import type { Bucket } from "./bucket/bucket.ts";
import { lastProof } from "./copy/notes.ts";
import { StoreCopy, type StoreCopyDeps } from "./copy/store-copy.ts";
import { putSummary } from "./summary.ts";
import type { SyncConfig } from "./sync-options.ts";
import type { SyncRecord } from "./sync-record.ts";

/** How much longer than two intervals a process is taken to be at work that says nothing. */
const HOLD_MS = 15_000;

type OnProgress = SyncOptions["onProgress"];

/** What copying works with. */
export interface CopyingDeps {
  readonly source: SyncSource;
  readonly bucket: Bucket;
  readonly config: SyncConfig;
  readonly record: SyncRecord;
  /** Ends everything. */
  readonly stopping: AbortSignal;
}

/** Copies one store, when it is told to. */
export class Copying {
  readonly source: SyncSource;
  readonly #deps: CopyingDeps;
  readonly #holder: string = newId();
  #copy: StoreCopy | undefined;
  #beginning: Promise<StoreCopy> | undefined;
  /** Those that write the log, one behind the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #checkpointing: Promise<void> | undefined;
  #summaryAt = 0;

  constructor(deps: CopyingDeps) {
    this.source = deps.source;
    this.#deps = deps;
  }

  /** The copy, if it has begun. */
  get copy(): StoreCopy | undefined {
    return this.#copy;
  }

  /** Whether the copy has begun, or is about to. */
  get hasBegun(): boolean {
    return this.#copy !== undefined || this.#beginning !== undefined;
  }

  /** The copy, once it has begun; after a failure the next call tries again. */
  async begun(signal?: AbortSignal): Promise<StoreCopy> {
    if (this.#copy !== undefined && !(await this.#copy.isReplaced())) return this.#copy;
    this.#beginning ??= this.#begin().finally(() => {
      this.#beginning = undefined;
    });
    return await orAborted(this.#beginning, signal);
  }

  /** Leaves the copy as it is, and begins a new one beside it. */
  async beginAnew(signal: AbortSignal | undefined): Promise<void> {
    await Promise.allSettled([this.#checkpointing, this.#beginning]); // before the turn, which a checkpoint wants as well
    const begin = async (): Promise<void> => {
      this.#copy = await StoreCopy.beginAnew(this.#copyDeps(), signal);
      this.#deps.record.proof = undefined;
    };
    const turn = this.#turn.catch(() => undefined).then(begin);
    this.#turn = turn;
    await turn;
  }

  /** Whether this process is the one that copies, for the next two intervals and some time. */
  async hold(): Promise<boolean> {
    const { ledger, clock } = this.source;
    const nowMs = clock.wallMs();
    return await ledger.hold(this.#holder, nowMs + this.#deps.config.intervalMs * 2 + HOLD_MS, nowMs);
  }

  /** Looks how much waits, and what other processes have proven; a database that was never copied knows neither. */
  async look(): Promise<void> {
    const { record } = this.#deps;
    const { changes, ledger, clock } = this.source;
    try {
      const head = await ledger.head();
      if (head === undefined) return;
      record.counted(await changes.count(), Math.max(head.committedAt, record.lastSyncAt ?? 0) || clock.wallMs());
      record.proof = await lastProof(this.source.notes, head.source);
    } catch {
      // the database has no such tables, or is away itself, which its callers are told
    }
  }

  /** Another process is the one that copies: what waits is only what that has not copied. */
  async leaveToOthers(): Promise<void> {
    const { record } = this.#deps;
    const { changes, clock } = this.source;
    record.state = "held";
    record.lastError = undefined;
    record.drained(await changes.count(), clock.wallMs());
  }

  /** Logs all changes, when those who came before have done so. */
  drain(copy: StoreCopy, signal: AbortSignal = this.#deps.stopping, onProgress?: OnProgress): Promise<CopyHead> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#drain(copy, signal, onProgress));
    this.#turn = turn;
    return turn;
  }

  /** Writes a checkpoint, or joins the one that is being written; then deletes what is not to be kept. */
  async checkpoint(copy: StoreCopy, signal?: AbortSignal, onProgress?: OnProgress): Promise<void> {
    this.#checkpointing ??= this.#checkpoint(copy, onProgress).finally(() => {
      this.#checkpointing = undefined;
    });
    await orAborted(this.#checkpointing, signal);
  }

  /** Writes the summary, unless it was written within the last `everyMs`. */
  async summarize(everyMs: number, signal: AbortSignal): Promise<void> {
    const { bucket, config, record } = this.#deps;
    const nowMs = this.source.clock.wallMs();
    if (config.summaryEveryMs === 0 || nowMs - this.#summaryAt < everyMs) return;
    this.#summaryAt = nowMs;
    try {
      await putSummary(bucket, config.prefix, this.source, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      record.failed(error, nowMs); // what was copied is copied: nothing is restored from the summary
    }
  }

  /** Settles when nothing is under way; then another process may copy. */
  async end(): Promise<void> {
    await Promise.allSettled([this.#turn, this.#checkpointing]);
    if (this.#copy !== undefined) await this.source.ledger.letGo(this.#holder).catch(() => undefined);
  }

  async #begin(): Promise<StoreCopy> {
    const { record, stopping } = this.#deps;
    const { changes, clock } = this.source;
    const copy = await StoreCopy.begin(this.#copyDeps(), stopping);
    this.#copy = copy;
    record.proof = await lastProof(this.source.notes, copy.head.source);
    record.counted(await changes.count(), copy.head.committedAt || clock.wallMs());
    return copy;
  }

  #copyDeps(): StoreCopyDeps {
    const { source, bucket, config, record } = this.#deps;
    return {
      source,
      bucket,
      config,
      onLog: (object) => record.putLog(object),
      onPart: (part) => record.putPart(part),
    };
  }

  async #drain(copy: StoreCopy, signal: AbortSignal, onProgress: OnProgress): Promise<CopyHead> {
    const { record } = this.#deps;
    const { changes, clock } = this.source;
    const startedMs = clock.wallMs();
    try {
      signal.throwIfAborted();
      record.state = "syncing";
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

  async #checkpoint(copy: StoreCopy, onProgress: OnProgress): Promise<void> {
    const { record, config, stopping: signal } = this.#deps;
    const { source } = this;
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
        if (isFirst) record.copied(part);
        const progress = { phase: "checkpoint", rows, totalRows: Math.max(rows, totalRows) } as const;
        record.progress = progress;
        onProgress?.(progress);
        if (source.clock.monotonicMs() - drainedMs < config.intervalMs) return;
        await this.hold();
        await this.drain(copy);
        drainedMs = source.clock.monotonicMs();
      },
      drain: () => this.drain(copy),
    });
    record.progress = undefined;
    if (isFirst) record.synced(startedMs);
    if (Number.isFinite(config.keepMs)) await copy.retain(signal);
  }
}

/** What is awaited, or the end of the waiting: what others may wait for as well goes on. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? await work : await untilAborted(work, signal, "the sync");
}

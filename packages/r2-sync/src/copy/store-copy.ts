/**
 * The copy of one open store: what it takes to begin it, to bring it up to date, to write checkpoints, to let go of what is old, and
 * to prove it. It does one thing at a time, when it is told to.
 */
import { type CheckpointStatus, newId, TelepoolError } from "@telepool/core";
import type { CopyHead, SyncSource } from "@telepool/core/sync";
import type { Bucket } from "../bucket/bucket.ts";
import { CheckpointWriter, type CheckpointWriterDeps, checkpointUnderWay } from "../checkpoint/checkpoint-writer.ts";
import type { CheckpointPart } from "../checkpoint/manifest.ts";
import type { LogObject } from "../log/log-object.ts";
import { LogWriter } from "../log/log-writer.ts";
import { type RetentionResult, retain } from "../retention/retain.ts";
import type { SyncConfig } from "../sync-options.ts";
import { CopyKeys } from "./keys.ts";
import { forgetCheckpoints, lastCheckpoint, lastRestored, restoreUnderWay } from "./notes.ts";
import { replaced } from "./replaced.ts";
import { putSource } from "./source-object.ts";

/** What a copy works with. */
export interface StoreCopyDeps {
  readonly source: SyncSource;
  readonly bucket: Bucket;
  readonly config: SyncConfig;
  /** Told of each object that was put. */
  readonly onLog: (object: LogObject) => void;
  readonly onPart: (part: CheckpointPart) => void;
}

/** A copy that has begun. */
export class StoreCopy {
  readonly keys: CopyKeys;
  readonly #deps: StoreCopyDeps;
  readonly #writer: LogWriter;
  /** The identity of the copy, whose keys these are. */
  readonly #source: string;
  #head: CopyHead;
  #checkpoint: CheckpointStatus | undefined;

  private constructor(deps: StoreCopyDeps, head: CopyHead, checkpoint: CheckpointStatus | undefined) {
    this.#deps = deps;
    this.#source = head.source;
    this.#head = head;
    this.#checkpoint = checkpoint;
    const { source, bucket, config } = deps;
    this.keys = new CopyKeys(config.prefix, head.source);
    this.#writer = new LogWriter({ source, bucket, maxBatchBytes: config.maxBatchBytes }, this.keys);
  }

  /**
   * Has the database note changes, and begins a copy or goes on with the one that it is the source of.
   *
   * @throws TelepoolError `RESTORE_UNFINISHED`, `COPY_DAMAGED`, `NOT_SUPPORTED`, and what the bucket and the database throw
   */
  static async begin(deps: StoreCopyDeps, signal?: AbortSignal): Promise<StoreCopy> {
    const { source, bucket, config } = deps;
    await bucket.check(signal);
    const wasNoted = await source.changes.install();
    if ((await restoreUnderWay(source.notes)) !== undefined) throw restoreUnfinished();
    const head = await source.ledger.begin(newId());
    const keys = new CopyKeys(config.prefix, head.source);
    // Nobody knows what was changed while triggers were missing, so all rows are copied once more.
    if (!wasNoted) await forgetCheckpoints(source.notes);
    const checkpoint = await lastCheckpoint(source.notes, head.source);
    if (head.sequence === 0) {
      const hasParts = checkpoint !== undefined || (await checkpointUnderWay(source, head.source)) !== undefined;
      if (hasParts && (await bucket.head(keys.source, signal)) === undefined) throw notThere(keys.source);
      const restoredFrom = await lastRestored(source.notes);
      await putSource(bucket, keys, source, { source: head.source, restoredFrom }, signal);
    } else {
      const last = await bucket.head(keys.log(head.sequence), signal);
      if (last?.metadata.sha256 !== head.sha256) throw notThere(keys.log(head.sequence));
    }
    return new StoreCopy(deps, head, checkpoint);
  }

  /** The last object of the log, as far as this process knows. */
  get head(): CopyHead {
    return this.#head;
  }

  get checkpoint(): CheckpointStatus | undefined {
    return this.#checkpoint;
  }

  /** Whether another process has begun a new copy of this database. */
  async isReplaced(): Promise<boolean> {
    return (await this.#deps.source.ledger.head())?.source !== this.#source;
  }

  /** Logs all changes that there are; `onPut` is called for each object that was put. */
  async drain(signal: AbortSignal | undefined, onPut: () => void): Promise<CopyHead> {
    const head = await this.#deps.source.ledger.head();
    if (head?.source !== this.#source) throw replaced();
    if ((await restoreUnderWay(this.#deps.source.notes)) !== undefined) throw restoreUnfinished();
    this.#head = head;
    const onObject = (object: LogObject): void => {
      const { sequence, at: committedAt } = object.header;
      this.#head = { source: this.#source, sequence, sha256: object.sha256, committedAt };
      this.#deps.onLog(object);
      onPut();
    };
    this.#head = await this.#writer.drain(head, { signal, onObject });
    return this.#head;
  }

  /** Whether a checkpoint is due: there is none, or it is old, or the log behind it is long. */
  isCheckpointDue(nowMs: number): boolean {
    const { checkpointEveryMs, checkpointEveryObjects } = this.#deps.config;
    const last = this.#checkpoint;
    if (last === undefined) return true;
    const behind = this.#head.sequence - last.sequence;
    const isOld = checkpointEveryMs > 0 && nowMs - last.at >= checkpointEveryMs;
    return behind >= checkpointEveryObjects || (behind > 0 && isOld);
  }

  /** Writes a checkpoint. */
  async writeCheckpoint(how: Pick<CheckpointWriterDeps, "drain" | "onPart" | "signal">): Promise<CheckpointStatus> {
    const { source, bucket, onPart } = this.#deps;
    const writer = new CheckpointWriter({
      source,
      bucket,
      keys: this.keys,
      ...how,
      onPart: async (part) => {
        onPart(part);
        await how.onPart(part);
      },
    });
    this.#checkpoint = await writer.write();
    return this.#checkpoint;
  }

  /** Deletes what is not to be kept any more. */
  async retain(signal: AbortSignal | undefined): Promise<RetentionResult> {
    const { source, bucket, config } = this.#deps;
    const underWay = await checkpointUnderWay(source, this.#source);
    const deps = { bucket, keys: this.keys, source: this.#source, nowMs: source.clock.wallMs(), underWay, signal };
    return await retain(deps, config);
  }

  /** Has the database be the source of a new copy, which begins with a checkpoint. The old one stays where it is. */
  static async beginAnew(deps: StoreCopyDeps, signal?: AbortSignal): Promise<StoreCopy> {
    await deps.bucket.check(signal); // a bucket that is not there must not cost the database its copy
    await deps.source.changes.install();
    await deps.source.ledger.restart(newId());
    await forgetCheckpoints(deps.source.notes);
    return await StoreCopy.begin(deps, signal);
  }
}

function restoreUnfinished(): TelepoolError {
  return new TelepoolError(
    "RESTORE_UNFINISHED",
    "a restore into this database broke off, so it is not whole; run the restore again, or restore with --replace",
  );
}

function notThere(key: string): TelepoolError {
  return new TelepoolError(
    "COPY_DAMAGED",
    `this database was copied up to ${key}, which is not in the bucket: the bucket or the prefix is another one, or objects were deleted. To begin a new copy here: telepool sync --new-copy`,
    { field: "sync.bucket" },
  );
}

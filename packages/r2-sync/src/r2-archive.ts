/** The copies that are in a bucket: what is there, whether it is whole, and bringing it back. Needs no database that is copied. */
import { systemClock, type TelemetryPool, TelepoolError } from "@telepool/core";
import { openRestoreTarget, openSyncSource } from "@telepool/core/sync";
import type { Bucket } from "./bucket/bucket.ts";
import { R2Bucket } from "./bucket/r2-bucket.ts";
import { CopyKeys } from "./copy/keys.ts";
import { type Copy, listCopies } from "./copy/list-copies.ts";
import { CopyReading } from "./restore/read-copy.ts";
import { planRestore, type RestorePoint } from "./restore/restore-plan.ts";
import {
  checkpointBegun,
  type RestoreResult,
  type RestoreStoreOptions,
  restoreStore,
} from "./restore/restore-store.ts";
import { parseSyncOptions, type R2Location } from "./sync-options.ts";
import { withScratch } from "./verify/scratch.ts";
import { verifyContents, verifyListing } from "./verify/verify-objects.ts";
import { Findings, type VerifyLevel, type VerifyReport } from "./verify/verify-report.ts";
import { verifyRows } from "./verify/verify-rows.ts";

/** Which copy, and how it is restored. */
export interface RestoreOptions extends RestoreStoreOptions {
  /** The identity of the copy; it may be left out where there is only one. */
  readonly source?: string | undefined;
  /** Up to where: the end of the log by default. */
  readonly to?: RestorePoint;
  /** The keys of checkpoints that are damaged: an older one is taken, and more of the log. */
  readonly ignoreCheckpoints?: readonly string[] | undefined;
}

/** Which copy, and how it is verified without its database. */
export interface ArchiveVerifyOptions {
  readonly source?: string | undefined;
  readonly level?: Exclude<VerifyLevel, "database">;
  /** Up to which object the log is known to have been, of which only the database tells when the last is gone. */
  readonly reached?: number | undefined;
  /** Makes the empty store that `restore` restores into, and which is closed afterwards. */
  readonly scratch?: (() => TelemetryPool | Promise<TelemetryPool>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The copies below one prefix of a bucket. */
export class R2Archive {
  readonly bucket: Bucket;
  readonly #prefix: string;

  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(location: R2Location);
  /** Over a bucket that is open. */
  constructor(bucket: Bucket, prefix: string);
  constructor(where: R2Location | Bucket, prefix?: string) {
    if (prefix !== undefined) {
      this.bucket = where as Bucket; // by the second signature
      this.#prefix = prefix;
      return;
    }
    const { bucket, config } = parseSyncOptions(where as R2Location, "r2"); // by the first signature
    this.bucket = new R2Bucket(bucket, { where: "r2" });
    this.#prefix = config.prefix;
  }

  /** The copies, oldest first. */
  copies(signal?: AbortSignal): Promise<Copy[]> {
    return listCopies(this.bucket, this.#prefix, signal);
  }

  /**
   * Restores a copy into a store, which is opened, and stays open.
   *
   * @throws TelepoolError `COPY_NOT_FOUND`, `COPY_DAMAGED`, `TARGET_NOT_EMPTY`, and what the bucket and the store throw
   */
  async restore(store: TelemetryPool, options: RestoreOptions = {}): Promise<RestoreResult> {
    const { source, to, ignoreCheckpoints: ignored, signal, ...how } = options;
    const keys = await this.#keysOf(source, signal);
    const planned = await planRestore(this.bucket, keys.keys, keys.source, to, signal, { ignored });
    const target = await openRestoreTarget(store); // not before it is known that there is something to restore
    const known = await checkpointBegun(target, keys.source);
    const isOther = known !== undefined && known !== planned.checkpoint.key;
    const choice = { known, ignored };
    const plan = isOther ? await planRestore(this.bucket, keys.keys, keys.source, to, signal, choice) : planned;
    return await restoreStore(plan, new CopyReading(this.bucket, keys.keys, signal), target, { ...how, signal });
  }

  /** Verifies a copy by what is in the bucket. What is wrong is in the report; only what hinders the looking is thrown. */
  async verify(options: ArchiveVerifyOptions = {}): Promise<VerifyReport> {
    const { level = "get", reached = 0, signal } = options;
    const startedMs = systemClock.monotonicMs();
    const { keys, source } = await this.#keysOf(options.source, signal);
    const findings = new Findings();
    const deps = { bucket: this.bucket, keys, source, findings, reached, signal };
    const objects = await verifyListing(deps);
    let rows = level === "list" ? 0 : await verifyContents(deps, objects);
    if (level === "restore" && findings.isEmpty) {
      rows = await this.#verifyRestore(keys, source, findings, options);
    }
    return findings.report({
      level,
      source,
      sequence: objects.sequence,
      checkpoints: objects.checkpoints.length,
      objects: objects.objects,
      bytes: objects.bytes,
      rows,
      durationMs: systemClock.monotonicMs() - startedMs,
    });
  }

  /** Closes the connections. */
  close(): void {
    this.bucket.close();
  }

  /** Restores into a scratch store, has that look through itself, and compares its rows with the copy. */
  async #verifyRestore(
    keys: CopyKeys,
    source: string,
    findings: Findings,
    { scratch, signal }: ArchiveVerifyOptions,
  ): Promise<number> {
    const plan = await planRestore(this.bucket, keys, source, undefined, signal);
    const reading = new CopyReading(this.bucket, keys, signal);
    return await withScratch(scratch, async (store) => {
      const target = await openRestoreTarget(store);
      try {
        await restoreStore(plan, reading, target, { signal });
        await target.checkIntegrity();
      } catch (error) {
        findings.addDamage(target.location, error);
        return 0;
      }
      const { tables } = await openSyncSource(store);
      return await verifyRows({ plan, reading, tables, findings, changedSince: async () => new Set(), signal });
    });
  }

  /** The keys of the copy that is meant. */
  async #keysOf(
    source: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly keys: CopyKeys; readonly source: string }> {
    const copies = source === undefined ? await this.copies(signal) : [];
    const [only] = copies;
    const chosen = source ?? (copies.length === 1 ? only?.source : undefined);
    if (chosen !== undefined) return { keys: new CopyKeys(this.#prefix, chosen), source: chosen };
    const where = `${this.bucket.location}/${this.#prefix}`;
    if (copies.length === 0) {
      throw new TelepoolError("COPY_NOT_FOUND", `there is no copy at ${where}`, { field: "prefix" });
    }
    const list = copies.map((copy) => {
      const rows = copy.checkpointRows === undefined ? "no checkpoint" : `a checkpoint of ${copy.checkpointRows} rows`;
      return `${copy.source} (of ${copy.location}, ${rows}, ${copy.sequence} objects in its log, last written ${isoTime(copy.lastPutAt)})`;
    });
    throw new TelepoolError("COPY_NOT_FOUND", `there are several copies at ${where}; name one: ${list.join(", ")}`, {
      field: "source",
    });
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** The level that compares a store with its copy: everything is logged first, then the objects are read, then the rows compared. */
import { systemClock } from "@telepool/core";
import type { CopyHead, SyncSource } from "@telepool/core/sync";
import type { Bucket } from "../bucket/bucket.ts";
import { listLog } from "../copy/copy-contents.ts";
import type { CopyKeys } from "../copy/keys.ts";
import { lastCheckpoint } from "../copy/notes.ts";
import { CopyReading } from "../restore/read-copy.ts";
import { planRestore } from "../restore/restore-plan.ts";
import { verifyContents, verifyListing } from "./verify-objects.ts";
import { Findings, type VerifyReport } from "./verify-report.ts";
import { verifyRows } from "./verify-rows.ts";

/** What comparing works with. */
export interface VerifyDatabaseDeps {
  readonly bucket: Bucket;
  readonly keys: CopyKeys;
  readonly source: SyncSource;
  /** Logs all changes that there are. */
  readonly drain: () => Promise<CopyHead>;
  readonly signal: AbortSignal | undefined;
}

/** Compares a store with its copy. */
export async function verifyDatabase({
  bucket,
  keys,
  source,
  drain,
  signal,
}: VerifyDatabaseDeps): Promise<VerifyReport> {
  const startedMs = systemClock.monotonicMs();
  const { source: id, sequence } = await drain();
  const findings = new Findings();
  const deps = { bucket, keys, source: id, findings, reached: sequence, signal };
  const remembered = await lastCheckpoint(source.notes, id); // before the listing: only a newer one lets it go
  const objects = await verifyListing(deps);
  if (remembered !== undefined && objects.checkpoints.every(({ settled }) => settled < remembered.sequence))
    findings.add(remembered.key, "it is missing");
  await verifyContents(deps, objects);
  let rows = 0;
  if (findings.isEmpty) {
    const plan = await planRestore(bucket, keys, id, { sequence }, signal);
    const reading = new CopyReading(bucket, keys, signal);
    const changedSince = async (): Promise<ReadonlySet<string>> => {
      await drain();
      return await changedBehind(bucket, keys, id, reading, sequence, signal);
    };
    rows = await verifyRows({ plan, reading, tables: source.tables, findings, changedSince, signal });
  }
  return findings.report({
    level: "database",
    source: id,
    sequence,
    checkpoints: objects.checkpoints.length,
    objects: objects.objects,
    bytes: objects.bytes,
    rows,
    durationMs: systemClock.monotonicMs() - startedMs,
  });
}

/** The rows that the log speaks of behind a number. */
async function changedBehind(
  bucket: Bucket,
  keys: CopyKeys,
  source: string,
  reading: CopyReading,
  sequence: number,
  signal: AbortSignal | undefined,
): Promise<Set<string>> {
  const changed = new Set<string>();
  for await (const page of listLog(bucket, keys, sequence, signal)) {
    for (const found of page) {
      const { rows } = await reading.object(found, source, undefined);
      for (const { id } of rows.profiles) changed.add(`profiles/${id}`);
      for (const { id } of rows.events) changed.add(`analytics/${id}`);
      for (const { id } of rows.sessions) changed.add(`sessions/${id}`);
      for (const table of ["profiles", "analytics", "sessions"] as const) {
        for (const id of rows.deleted[table]) changed.add(`${table}/${id}`);
      }
    }
  }
  return changed;
}

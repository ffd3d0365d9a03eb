/** `telepool sync status`: what the database knows of its copy, and whether the bucket says the same. Changes neither. */
import type { TelemetryPool } from "@telepool/core";
import type { Finding, R2Archive } from "@telepool/r2-sync";
import { type CopyState, readCopyState } from "@telepool/r2-sync/state";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { withReadOnlyStore } from "../open-store.ts";
import { describeError } from "../report-error.ts";
import { pairs } from "../table.ts";
import { showTime } from "../time-expression.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { R2Settings } from "./r2-settings.ts";

/** What was seen of the bucket. */
interface BucketView {
  readonly location: string | null;
  readonly ok: boolean;
  /** Why it is not ok, or what it was only asked about. */
  readonly detail: string;
  readonly findings: readonly Finding[];
}

/** Shows how the copy stands. */
export async function showStatus(context: CommandContext, flags: BucketFlags): Promise<void> {
  const { output } = context;
  const seen = await withReadOnlyStore(context, async (store) => {
    const state = await readCopyState(store);
    const health = await store.health();
    const database = health.ok ? `${health.driver} ${health.location}` : "unknown";
    return { database, state, bucket: await lookAtBucket(context, flags, store, state) };
  });
  const { state, bucket } = seen;
  await output.result(asJson(seen.database, state, bucket), () => show(seen.database, state, bucket));
  const isWell = (bucket?.ok ?? true) && (state.proof?.ok ?? true) && state.restoring === undefined;
  if (!isWell) context.exitCode = EXIT.findings;
}

/** Nothing if no bucket is named. That it cannot be asked is part of the answer. */
async function lookAtBucket(
  context: CommandContext,
  flags: BucketFlags,
  store: TelemetryPool,
  state: CopyState,
): Promise<BucketView | undefined> {
  let location: string | null = null;
  try {
    const settings = R2Settings.find(context, flags);
    if (settings === undefined) return undefined;
    return await settings.explain(async () => {
      const { R2Archive } = await import("@telepool/r2-sync");
      const archive = new R2Archive(settings.impatient);
      location = archive.bucket.location;
      try {
        return await compare(archive, store, state, context.signal);
      } finally {
        archive.close();
      }
    });
  } catch (error) {
    if (context.signal.aborted) throw error;
    const { message, code } = describeError(error, undefined);
    return { location, ok: false, detail: `${message} (${code})`, findings: [] };
  }
}

/** Whether the bucket has what the database thinks it has: its listing is whole, and the log ends at the same object. */
async function compare(
  archive: R2Archive,
  store: TelemetryPool,
  { head }: CopyState,
  signal: AbortSignal,
): Promise<BucketView> {
  const { location } = archive.bucket;
  if (head === undefined) {
    await archive.bucket.check(signal);
    return { location, ok: true, detail: "answers", findings: [] };
  }
  const report = await archive.verify({ source: head.source, level: "list", reached: head.sequence, signal });
  // Another process may have copied something meanwhile, and puts an object before it says so.
  const after = (await readCopyState(store)).head ?? head;
  const isSame = report.sequence >= head.sequence && report.sequence <= after.sequence + 1;
  const problems = [
    ...(isSame ? [] : [`its log ends at object ${report.sequence}, not ${after.sequence}`]),
    ...(report.ok ? [] : [`${report.findingCount} objects are not as they should be`]),
  ];
  const detail = problems.length === 0 ? "agrees" : problems.join("; ");
  return { location, ok: problems.length === 0, detail, findings: report.findings };
}

function asJson(database: string, state: CopyState, bucket: BucketView | undefined): object {
  const { head, pending, checkpoint = null, proof = null, restoring = null, restored = null } = state;
  return {
    database,
    source: head?.source ?? null,
    sequence: head?.sequence ?? null,
    committedAt: head?.committedAt || null,
    pendingChanges: pending,
    checkpoint,
    proof,
    restoring,
    restored,
    bucket: bucket ?? null,
  };
}

function show(database: string, state: CopyState, bucket: BucketView | undefined): string {
  const { head, pending, checkpoint, proof, restoring, restored } = state;
  const copied: [string, string | number][] =
    head === undefined
      ? [["copy", "never synced"]]
      : [
          ["copy", head.source],
          ["object", head.sequence === 0 ? "none yet" : `${head.sequence}, of ${showTime(head.committedAt)}`],
          ["not copied", `${pending} changes`],
          ["checkpoint", checkpoint === undefined ? "none yet" : `${checkpoint.rows} rows, ${showTime(checkpoint.at)}`],
          ["proof", proof === undefined ? "none yet" : `${showTime(proof.at)}: ${proof.message}`],
        ];
  return pairs([
    ["database", database],
    ...copied,
    ...(restoring === undefined ? [] : [["restore", `broke off; it is not whole`] as const]),
    ...(restored === undefined
      ? []
      : [["restored from", `${restored.source}, up to object ${restored.sequence}`] as const]),
    ["bucket", bucket === undefined ? "none is named" : `${bucket.location ?? ""} ${bucket.detail}`.trim()],
    ...(bucket?.findings ?? []).map(({ where, problem }) => ["", `${where}: ${problem}`] as const),
  ]);
}

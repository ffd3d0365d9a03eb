/** `telepool restore`: a copy into a database. What broke off goes on when the same is asked again. */
import { isTelepoolError, type TelemetryPool } from "@telepool/core";
import type { R2Archive, RestorePoint, RestoreResult } from "@telepool/r2-sync";
import { readCopyState } from "@telepool/r2-sync/state";
import { CliError } from "../cli-error.ts";
import { type CommandContext, checkedUrl } from "../context.ts";
import { storeAt, useAndClose } from "../open-store.ts";
import { startProgress } from "../progress.ts";
import { showSize } from "../size-expression.ts";
import { pairs } from "../table.ts";
import { showTime } from "../time-expression.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { withArchive } from "./with-archive.ts";

/** The flags of the command. */
export interface RestoreFlags extends BucketFlags {
  readonly into: string;
  readonly to?: Exclude<RestorePoint, undefined>;
  readonly source?: string;
  readonly replace?: true;
  readonly ignoreCheckpoint?: readonly string[];
}

/** Restores a copy, and says how to go on. */
export async function restoreCopy(context: CommandContext, flags: RestoreFlags): Promise<void> {
  const { output } = context;
  const url = checkedUrl(flags.into);
  const { result, into, own } = await withArchive(context, flags, async (archive) => {
    return await useAndClose(await storeAt(url), async (store) => {
      const restored = await restoreInto(context, archive, store, flags);
      const health = await store.health();
      const place = health.ok ? `${health.driver} ${health.location}` : "unknown";
      return { result: restored, into: place, own: (await readCopyState(store)).head?.source ?? null };
    });
  });
  await output.result({ ...result, into }, () => {
    const { source, sequence, at, rows, objects, bytes, resumed } = result;
    return pairs([
      ["copy", source],
      ["into", into],
      ["object", `${sequence}, of ${showTime(at)}`],
      ["rows", `${rows} written or deleted`],
      ["read", `${objects} objects, ${showSize(bytes)}`],
      ...(resumed ? [["went on", "with a restore that had broken off"] as const] : []),
    ]);
  });
  output.note(
    own === null
      ? "To go on with it, point TELEPOOL_DB_URL at it. Its next sync begins a new copy beside the old one."
      : `This database is the source of the copy ${own}, with which its next sync goes on.`,
  );
}

async function restoreInto(
  { output, signal }: CommandContext,
  archive: R2Archive,
  store: TelemetryPool,
  { source, to, replace, ignoreCheckpoint }: RestoreFlags,
): Promise<RestoreResult> {
  const progress = await startProgress(output, "objects restored", "told later");
  try {
    return await archive.restore(store, {
      source,
      to,
      onRows: replace ? "replace" : "refuse",
      ignoreCheckpoints: ignoreCheckpoint,
      signal,
      onProgress: ({ objects, totalObjects }) => progress.update(objects, totalObjects),
    });
  } catch (error) {
    const isEnd = isTelepoolError(error, "ABORTED") || (error instanceof Error && error.name === "AbortError");
    if (!signal.aborted || !isEnd) throw error;
    throw new CliError("INTERRUPTED", "interrupted; the database is not whole, and what was restored stays in it", {
      hint: "the same command goes on from there",
      cause: error,
    });
  } finally {
    progress.stop();
  }
}

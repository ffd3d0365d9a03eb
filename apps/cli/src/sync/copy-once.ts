/** `telepool sync`: everything that is committed now, once. */
import type { SyncResult } from "@telepool/core";
import type { CommandContext } from "../context.ts";
import { startProgress } from "../progress.ts";
import { showSize } from "../size-expression.ts";
import { pairs } from "../table.ts";
import { showTime } from "../time-expression.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { withSync } from "./with-sync.ts";

/** Copies what is not copied, into the copy that there is or into a new one. */
export async function copyOnce(context: CommandContext, flags: BucketFlags, into: "same" | "new"): Promise<void> {
  const { output, signal } = context;
  const { result, status } = await withSync(context, flags, async (sync) => {
    const progress = await startProgress(output, "rows copied", "told later");
    const options = {
      signal,
      onProgress: ({ rows, totalRows }: { rows: number; totalRows: number }) => progress.update(rows, totalRows),
    };
    try {
      const copied = into === "new" ? await sync.beginAnew(options) : await sync.now(options);
      return { result: copied, status: sync.status() };
    } finally {
      progress.stop();
    }
  });
  const { location, checkpoint } = status;
  await output.result({ ...result, location, checkpoint }, () =>
    pairs([
      ["copy", result.source],
      ["in", location],
      ["object", result.sequence],
      ["logged", showRows(result)],
      ["put", `${result.objects} objects, ${showSize(result.bytes)}`],
      ["checkpoint", checkpoint === null ? "none" : `${checkpoint.rows} rows, ${showTime(checkpoint.at)}`],
      ["time", `${Math.round(result.durationMs)} ms`],
    ]),
  );
}

function showRows({ rows: { profiles, events, sessions, deleted } }: SyncResult): string {
  return `${profiles} profiles, ${events} events, ${sessions} sessions, ${deleted} deletions`;
}

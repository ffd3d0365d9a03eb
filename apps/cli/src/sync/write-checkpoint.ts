/** `telepool sync checkpoint`: all rows anew, so that a restore need not read the log from its beginning. */
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { startProgress } from "../progress.ts";
import { showSize } from "../size-expression.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { withSync } from "./with-sync.ts";

/** Writes a checkpoint, and deletes from the bucket what is no longer to be kept. */
export async function writeCheckpoint(context: CommandContext, flags: BucketFlags): Promise<void> {
  const { output, signal } = context;
  const checkpoint = await withSync(context, flags, async (sync) => {
    const progress = await startProgress(output, "rows written", "told later");
    try {
      await sync.checkpoint({ signal, onProgress: ({ rows, totalRows }) => progress.update(rows, totalRows) });
      return sync.status().checkpoint;
    } finally {
      progress.stop();
    }
  });
  if (checkpoint === null) throw new CliError("INTERRUPTED", "the checkpoint was not finished");
  await output.result(checkpoint, () => {
    const { rows, bytes, sequence } = checkpoint;
    return `a checkpoint of ${rows} rows, ${showSize(bytes)}, which a restore as of object ${sequence} and later can begin with\n`;
  });
}

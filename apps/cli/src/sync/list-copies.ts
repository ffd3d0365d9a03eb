/** `telepool sync list`: the copies in the bucket. */
import type { CommandContext } from "../context.ts";
import { table } from "../table.ts";
import { showTime } from "../time-expression.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { withArchive } from "./with-archive.ts";

/** Lists the copies below the prefix, oldest first. */
export async function listCopies(context: CommandContext, flags: BucketFlags): Promise<void> {
  const { output, signal } = context;
  const found = await withArchive(context, flags, (archive) => archive.copies(signal), "impatient");
  const copies = found.map(({ source, driver, location, startedAt, lastPutAt, restoredFrom = null }) => {
    return { source, driver, location, startedAt, lastPutAt, restoredFrom };
  });
  await output.result(copies, () => {
    if (copies.length === 0) return "there is no copy here\n";
    const rows = copies.map(({ source, driver, location, startedAt, lastPutAt, restoredFrom }) => {
      const from = restoredFrom === null ? "" : `${restoredFrom.source}, object ${restoredFrom.sequence}`;
      return [source, `${driver} ${location}`, showTime(startedAt), showTime(lastPutAt), from];
    });
    return table(["COPY", "OF", "STARTED", "LAST WRITTEN", "RESTORED FROM"], rows);
  });
}

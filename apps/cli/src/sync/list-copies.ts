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
  const copies = found.map((copy) => {
    const {
      source,
      driver,
      location,
      startedAt,
      lastPutAt,
      sequence,
      checkpointRows = null,
      restoredFrom = null,
    } = copy;
    return { source, driver, location, startedAt, lastPutAt, sequence, checkpointRows, restoredFrom };
  });
  await output.result(copies, () => {
    if (copies.length === 0) return "there is no copy here\n";
    const rows = copies.map(
      ({ source, driver, location, startedAt, lastPutAt, sequence, checkpointRows, restoredFrom }) => {
        const from = restoredFrom === null ? "" : `${restoredFrom.source}, object ${restoredFrom.sequence}`;
        const rows = checkpointRows === null ? "none" : `${checkpointRows} rows`;
        return [source, `${driver} ${location}`, rows, sequence, showTime(startedAt), showTime(lastPutAt), from];
      },
    );
    return table(["COPY", "OF", "CHECKPOINT", "LOG", "STARTED", "LAST WRITTEN", "RESTORED FROM"], rows);
  });
}

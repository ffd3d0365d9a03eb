/** A sync that does only what a command asks of it, over a store that must exist. Ctrl-C ends it where it is. */
import { isTelepoolError, type TelemetryPool } from "@telepool/core";
import type { R2Sync } from "@telepool/r2-sync";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { withExistingStore } from "../open-store.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { R2Settings } from "./r2-settings.ts";

/** Runs `work` with a sync of the run's database, and ends the sync. */
export async function withSync<T>(
  context: CommandContext,
  flags: BucketFlags,
  work: (sync: R2Sync, store: TelemetryPool) => Promise<T>,
): Promise<T> {
  const { signal } = context;
  const settings = R2Settings.require(context, flags);
  return await settings.explain(async () => {
    const { R2Sync } = await import("@telepool/r2-sync");
    await using sync = new R2Sync({ ...settings.options, intervalMs: 0 });
    const stop = (): void => void sync.stop(0);
    signal.addEventListener("abort", stop);
    try {
      return await withExistingStore(context, async (store) => {
        await sync.attach(store);
        try {
          return await work(sync, store);
        } finally {
          await sync.stop(0); // before the store that it reads
        }
      });
    } catch (error) {
      throw signal.aborted ? interruptedSync(error) : error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  });
}

/** What is told of a sync that was ended from outside; another error stays what it is. */
function interruptedSync(error: unknown): unknown {
  const isEnd = isTelepoolError(error, "ABORTED") || isTelepoolError(error, "POOL_CLOSED") || isAbort(error);
  if (!isEnd) return error;
  return new CliError("INTERRUPTED", "interrupted; what was copied stays", {
    hint: "telepool sync goes on from there",
    cause: error,
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

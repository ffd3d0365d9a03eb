/** `telepool sync --watch`: copies until it is told to stop, then what is left. */
import { setTimeout as wait } from "node:timers/promises";
import type { SyncStatus } from "@telepool/core";
import type { R2Sync } from "@telepool/r2-sync";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { withExistingStore } from "../open-store.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { R2Settings } from "./r2-settings.ts";
import { linesBetween } from "./watch-lines.ts";

/** How often it is looked whether there is something to tell; a look asks nobody. */
const LOOK_MS = 200;
const LEAST_INTERVAL_MS = 100;

/** Copies every `intervalMs`, or as often as the environment says. An orderly end is no interruption. */
export async function watch(
  context: CommandContext,
  flags: BucketFlags,
  intervalMs: number | undefined,
): Promise<void> {
  const settings = R2Settings.require(context, flags);
  const options = intervalMs === undefined ? settings.options : { ...settings.options, intervalMs };
  if (options.intervalMs !== undefined && options.intervalMs < LEAST_INTERVAL_MS) {
    const setting = intervalMs === undefined ? "TELEPOOL_R2_INTERVAL_S" : "--interval";
    throw new CliError("USAGE", `${setting} must be at least ${LEAST_INTERVAL_MS} ms`);
  }
  await settings.explain(async () => {
    const { R2Sync } = await import("@telepool/r2-sync");
    await using sync = new R2Sync(options);
    await withExistingStore(context, async (store) => {
      await sync.attach(store);
      try {
        await tell(context, settings, sync);
      } finally {
        await sync.stop(Number.POSITIVE_INFINITY); // which its own flushTimeoutMs bounds
      }
      await tellEnd(context, settings, sync.status());
    });
  });
}

/** Tells what changes, until the run is interrupted. */
async function tell({ output, signal }: CommandContext, settings: R2Settings, sync: R2Sync): Promise<void> {
  let before = sync.status();
  while (!signal.aborted) {
    const now = sync.status();
    for (const { event, text, isProblem } of linesBetween(before, now)) {
      const line = settings.inWords(text);
      const { source, sequence, pendingRows } = now;
      const json = { event, text: line, source, sequence, pendingRows };
      if (isProblem) output.problem(line, json);
      else await output.write(output.json ? `${JSON.stringify(json)}\n` : `${line}\n`);
    }
    before = now;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined); // the loop asks why it ended
  }
}

/** Tells what is left; something may be, when the bucket cannot be reached. */
async function tellEnd(context: CommandContext, settings: R2Settings, status: SyncStatus): Promise<void> {
  const { output } = context;
  const { source, sequence, pendingRows, lastError } = status;
  const isWhole = source !== null && lastError === null && pendingRows === 0;
  if (!isWhole) context.exitCode = EXIT.partial;
  const reason = lastError === null ? "" : `: ${settings.inWords(lastError.message)} (${lastError.code})`;
  const text = isWhole
    ? `stopped; everything is copied, up to object ${sequence}`
    : `stopped before everything was copied; the next sync goes on${reason}`;
  const json = { event: "stopped", text, source, sequence, pendingRows };
  if (!isWhole) return output.problem(text, json);
  await output.write(output.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
}

/** `telepool batch`: made-up profiles through many concurrent inserts, to fill a store and to see how fast it is. */
import type { TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { withStore } from "../open-store.ts";
import { wholeNumber } from "../option-values.ts";
import { type Progress, startProgress } from "../progress.ts";
import { sampleProfile } from "../sample-profile.ts";

interface BatchFlags {
  readonly concurrency: number;
  readonly member: string;
}

const MAX_PROFILES = 100_000_000;
const PROFILES_PER_SESSION = 100;

const NOTES = `
Each profile is an insertProfile() call of its own, durable when it resolves; calls that wait together are committed
together. The time runs from the first call to the last answer, on a store that is open.

Examples:
  $ telepool batch 1000
  $ telepool batch 100000 --concurrency 50 --member load-test`;

export function addBatchCommand(program: Command, context: CommandContext): void {
  program
    .command("batch")
    .summary("store made-up profiles")
    .description("Store made-up profiles of documents, through many inserts at the same time.")
    .argument("<count>", "how many profiles", wholeNumber(1, MAX_PROFILES))
    .option("--concurrency <calls>", "how many inserts are under way at the same time", wholeNumber(1, 100_000), 1000)
    .option("--member <name>", "whose profiles they are", "batch")
    .addHelpText("after", NOTES)
    .action((count: number, flags: BatchFlags) => batch(context, count, flags));
}

async function batch(context: CommandContext, count: number, { concurrency, member }: BatchFlags): Promise<void> {
  const { output, signal } = context;
  const ms = await withStore(context, async (store) => {
    await store.open();
    const progress = await startProgress(output, "profiles", count);
    try {
      const startedMs = performance.now();
      await insertMany(store, { count, concurrency, member, progress, signal });
      return performance.now() - startedMs;
    } finally {
      progress.stop();
    }
  });
  const rowsPerSecond = Math.round((1000 * count) / ms);
  await output.result({ stored: count, ms: Math.round(ms * 100) / 100, rowsPerSecond, member }, () => {
    return `${count} profiles in ${ms.toFixed(1)} ms: ${rowsPerSecond} rows/s\n`;
  });
}

interface BatchRun {
  readonly count: number;
  readonly concurrency: number;
  readonly member: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Ends with the first error, after every insert that was begun has settled. */
async function insertMany(store: TelemetryPool, run: BatchRun): Promise<void> {
  let begun = 0;
  let done = 0;
  let session = "";
  let failed = false;
  const insertUntilDone = async (): Promise<void> => {
    while (begun < run.count && !failed) {
      run.signal.throwIfAborted();
      if (begun % PROFILES_PER_SESSION === 0) session = Bun.randomUUIDv7();
      const document = `docs/sample-${begun % PROFILES_PER_SESSION}.md`;
      begun++;
      await store.insertProfile(session, sampleProfile(Math.random), run.member, document);
      done++;
      run.progress.update(done);
    }
  };
  const callers = Array.from({ length: Math.min(run.count, run.concurrency) }, async () => {
    try {
      await insertUntilDone();
    } catch (error) {
      failed = true;
      throw error;
    }
  });
  const failure = (await Promise.allSettled(callers)).find((result) => result.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}

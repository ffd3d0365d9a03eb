/** `telepool prune`: removes the oldest rows by age, number or size. */
import type { PruneRequest } from "@telepool/core";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { withExistingStore } from "../open-store.ts";
import { duration, size, wholeNumber } from "../option-values.ts";
import { startProgress } from "../progress.ts";

interface PruneFlags {
  readonly olderThan?: number;
  readonly maxRows?: number;
  readonly maxSize?: number;
}

const NOTES = `
The oldest go first, until every given limit holds; what is removed cannot be brought back. A session goes with the last
of its profiles. Writers get their turn meanwhile, and an interrupted prune has removed what it says.

Examples:
  $ telepool prune --older-than 30d
  $ telepool prune --max-rows 1000000 --max-size 1GiB`;

export function addPruneCommand(program: Command, context: CommandContext): void {
  program
    .command("prune")
    .summary("remove the oldest rows")
    .description("Remove the oldest profiles and events. At least one limit is needed.")
    .option("--older-than <duration>", "remove what is older: 12h, 30d, 2w", duration)
    .option("--max-rows <count>", "keep at most this many profiles, and this many events", wholeNumber(0))
    .option("--max-size <size>", "remove until the data takes at most this much: 500MB, 1GiB", size)
    .addHelpText("after", NOTES)
    .action((flags: PruneFlags) => prune(context, flags));
}

async function prune(context: CommandContext, { olderThan, maxRows, maxSize }: PruneFlags): Promise<void> {
  const { output, signal } = context;
  const limits: PruneRequest = {
    ...(olderThan === undefined ? {} : { olderThanMs: olderThan }),
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
  };
  if (Object.keys(limits).length === 0) {
    throw new CliError("USAGE", "prune needs at least one of --older-than, --max-rows and --max-size");
  }
  const removed = await withExistingStore(context, async (store) => {
    const progress = await startProgress(output, "rows removed");
    try {
      return await store.prune({
        ...limits,
        signal,
        onProgress: ({ profiles, events }) => progress.update(profiles + events),
      });
    } finally {
      progress.stop();
    }
  });
  const { profiles, events, sessions } = removed;
  await output.result({ profiles, events, sessions }, () => {
    return `removed ${profiles} profiles, ${events} events and ${sessions} sessions\n`;
  });
}

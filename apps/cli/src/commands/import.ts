/** `telepool import`: profiles from NDJSON, any number of them in bounded memory. */
import { importProfileLines, type RejectedLine } from "@telepool/core";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { openInput, readChunks } from "../input.ts";
import { withStore } from "../open-store.ts";
import { startProgress } from "../progress.ts";

interface ImportFlags {
  readonly strict?: true;
}

const NOTES = `
A line is a JSON object: session, profile, member and document, and if wanted id and timestamp (milliseconds since
1970). Lines whose id is stored already change nothing, so an import that broke off can be run again. Bad lines are
reported with their number and left out; the program then ends with 4. With --strict everything before the first bad
line is stored, and nothing after it.

Examples:
  $ telepool import profiles.ndjson
  $ telepool export --db sqlite://./old.db | telepool import -`;

export function addImportCommand(program: Command, context: CommandContext): void {
  program
    .command("import")
    .summary("store profiles from NDJSON")
    .description("Store profiles from NDJSON, one in each line.")
    .argument("<file>", "the file, or - for stdin")
    .option("--strict", "stop at the first bad line")
    .addHelpText("after", NOTES)
    .action((file: string, flags: ImportFlags) => importFile(context, file, flags));
}

async function importFile(context: CommandContext, file: string, flags: ImportFlags): Promise<void> {
  const { output, signal } = context;
  const strict = flags.strict === true;
  const input = await openInput(file);
  const progress = await startProgress(output, "lines");
  const seen: { first?: RejectedLine } = {};
  try {
    const result = await withStore(context, (store) =>
      importProfileLines(store, readChunks(input, signal), {
        stopAtFirst: strict,
        onProgress: ({ read }) => progress.update(read),
        onRejected: (rejected) => {
          seen.first ??= rejected;
          const { line, code, message } = rejected;
          if (!strict) output.problem(`line ${line}: ${message} (${code})`, { line, code, message });
        },
      }),
    );
    const { first } = seen;
    if (strict && first !== undefined) {
      const message = `line ${first.line}: ${first.message} (${first.code}); stored before it: ${result.stored}`;
      throw new CliError("INVALID_INPUT", message);
    }
    const { read, stored, duplicates, rejected } = result;
    await output.result({ read, stored, duplicates, rejected }, () => {
      return `${read} lines read, ${stored} stored, ${duplicates} stored before, ${rejected} rejected\n`;
    });
    if (rejected > 0) context.exitCode = EXIT.partial;
  } finally {
    progress.stop();
  }
}

/** One run of the program: reads the environment, watches for signals, runs the command, reports what it threw. */
import { CommandContext } from "./context.ts";
import { readEnv } from "./env.ts";
import { Interruption } from "./interruption.ts";
import { createProgram } from "./program.ts";
import { reportError } from "./report-error.ts";

/**
 * Runs `telepool` with the given arguments, without the names of runtime and script, and resolves with the exit code.
 *
 * It writes to the process's own stdout and stderr, and steps into the folder that the user stands in where a package
 * script has moved it to another one.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const env = readEnv(process.env, process.cwd());
  if (env.userFolder !== undefined) process.chdir(env.userFolder);
  using interruption = new Interruption();
  // The command line is not parsed yet; when parsing fails, these decide how that is reported.
  const assumed = { json: argv.includes("--json"), quiet: false };
  await using context = new CommandContext(env, process, interruption.signal, assumed);
  try {
    await createProgram(context).parseAsync(argv, { from: "user" });
    return context.exitCode;
  } catch (error) {
    return reportError(error, context.output, interruption.exitCode);
  }
}

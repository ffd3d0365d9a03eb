/** `telepool insert`: one profile from the command line, a file or stdin. */
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { readText } from "../input.ts";
import { withStore } from "../open-store.ts";
import { time } from "../option-values.ts";

interface InsertFlags {
  readonly session?: string;
  readonly member: string;
  readonly document: string;
  readonly id?: string;
  readonly timestamp?: number;
}

const MAX_INPUT_BYTES = 64 * 1024 * 1024;

const EXAMPLES = `
Prints the id of the stored profile. An id that is stored already changes nothing, so a failed insert can be repeated.

Examples:
  $ telepool insert '{"test":1,"latency":2.5}'
  $ telepool insert @profile.json --member nolarose --document guide.md
  $ curl -s https://example.com/profile.json | telepool insert - --session nightly`;

export function addInsertCommand(program: Command, context: CommandContext): void {
  program
    .command("insert")
    .summary("store one profile")
    .description("Store one profile, a JSON object.")
    .argument("<json>", "the profile: JSON text, @file to read it from a file, - to read it from stdin")
    .option("--session <id>", "the session that it belongs to (default: a new one)")
    .option("--member <name>", "whose profile it is", "cli")
    .option("--document <name>", "what was profiled", "cli")
    .option("--id <id>", "the profile's own id (default: a new UUIDv7)")
    .option("--timestamp <time>", "when it was measured (default: now)", time)
    .addHelpText("after", EXAMPLES)
    .action((json: string, flags: InsertFlags) => insert(context, json, flags));
}

async function insert(context: CommandContext, json: string, flags: InsertFlags): Promise<void> {
  const profile = await readProfile(json, context.signal);
  const { output, signal } = context;
  const session = flags.session ?? Bun.randomUUIDv7();
  const { member, document } = flags;
  const { id, duplicate } = await withStore(context, (store) =>
    store.addProfile({ ...flags, session, profile }, { signal }),
  );
  await output.result({ id, session, member, document, duplicate }, () => `${id}\n`);
  if (duplicate) output.note("a profile with this id was stored before; nothing has changed");
}

async function readProfile(json: string, signal: AbortSignal): Promise<object> {
  const source = json === "-" ? "-" : json.startsWith("@") ? json.slice(1) : undefined;
  const text = source === undefined ? json : await readText(source, MAX_INPUT_BYTES, signal);
  try {
    return JSON.parse(text); // that it is an object is checked by the store
  } catch (cause) {
    throw new CliError("INVALID_INPUT", `the profile is not JSON: ${syntaxReason(cause)}`, {
      cause,
      hint: `quote it for your shell, as in: telepool insert '{"latency":2.5}'`,
    });
  }
}

/** The parser's reason, which names positions and single characters, in one line. */
function syntaxReason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^JSON Parse error: /, "") : "it cannot be parsed";
}

/** `telepool import`: profiles from NDJSON, any number of them in bounded memory. */
import type { ImportResult, ProfileInput, TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { openInput, readChunks } from "../input.ts";
import { readLines } from "../lines.ts";
import { withStore } from "../open-store.ts";
import { startProgress } from "../progress.ts";

interface ImportFlags {
  readonly strict?: true;
}

/** A line that was not stored. */
interface Rejection {
  readonly line: number;
  readonly code: string;
  readonly message: string;
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
  const run = new ImportRun(strict, ({ line, code, message }) => {
    if (!strict) output.problem(`line ${line}: ${message} (${code})`, { line, code, message });
  });
  try {
    const result = await withStore(context, (store) =>
      run.store(store, readChunks(input, signal), (read) => progress.update(read)),
    );
    const { first } = run;
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

/** One import: gives core the good lines, and knows which line each of its rows came from. */
class ImportRun {
  /** The first line that was rejected. */
  first: Rejection | undefined;
  readonly #strict: boolean;
  readonly #onRejection: (rejection: Rejection) => void;
  /** The lines of the rows that are not stored yet, by their position in what core was given. */
  readonly #lines = new Map<number, number>();
  #position = 0;
  #unparsed = 0;

  constructor(strict: boolean, onRejection: (rejection: Rejection) => void) {
    this.#strict = strict;
    this.#onRejection = onRejection;
  }

  async store(
    store: TelemetryPool,
    chunks: AsyncIterable<Uint8Array>,
    onRead: (read: number) => void,
  ): Promise<ImportResult> {
    const result = await store.importProfiles(this.#rows(chunks), {
      onProgress: ({ read }) => {
        this.#lines.clear();
        onRead(read + this.#unparsed);
      },
      onRejected: ({ code, message }, position) => {
        const line = this.#lines.get(position) ?? 0;
        this.#lines.delete(position);
        this.#reject({
          line,
          code,
          message: message.replace(`rows[${position}].`, "").replace(`rows[${position}]`, "it"),
        });
      },
    });
    return { ...result, read: result.read + this.#unparsed, rejected: result.rejected + this.#unparsed };
  }

  async *#rows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ProfileInput, void, undefined> {
    for await (const { number, text, flaw } of readLines(chunks)) {
      if (text?.trim() === "") continue;
      const row = text === undefined ? undefined : parse(text);
      if (row === undefined) {
        this.#unparsed++;
        this.#reject({ line: number, code: "INVALID_INPUT", message: flaw ?? "it is not JSON" });
      } else {
        this.#lines.set(this.#position++, number);
        yield row.value;
      }
      if (this.#strict && this.first !== undefined) return;
    }
  }

  #reject(rejection: Rejection): void {
    this.first ??= rejection;
    this.#onRejection(rejection);
  }
}

/** What a line says, which core checks; `undefined` if it is not JSON. */
function parse(line: string): { readonly value: ProfileInput } | undefined {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return undefined;
  }
}

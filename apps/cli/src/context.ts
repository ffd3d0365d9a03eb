/** What every command works with: the output, the database's URL, the signal that ends it, and the exit code that it leaves. */
import { CliError } from "./cli-error.ts";
import type { Env } from "./env.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Output, type OutputOptions, type OutputStreams } from "./output.ts";

/** Options that stand before or after any command. */
export interface GlobalOptions {
  readonly db?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** The file that is used when nothing is said. */
export const DEFAULT_DATABASE_URL = "sqlite://./telepool.db";

/** One run of the program. */
export class CommandContext implements AsyncDisposable {
  /** Fires when the user wants the command to end. */
  readonly signal: AbortSignal;
  /** What the program ends with, unless the command throws. */
  exitCode: ExitCode = EXIT.ok;
  readonly env: Env;
  readonly #streams: OutputStreams;
  #databaseUrl: string;
  #output: Output | undefined;
  #outputOptions: OutputOptions;

  constructor(env: Env, streams: OutputStreams, signal: AbortSignal, outputOptions: OutputOptions) {
    this.signal = signal;
    this.env = env;
    this.#streams = streams;
    this.#outputOptions = outputOptions;
    this.#databaseUrl = env.databaseUrl ?? DEFAULT_DATABASE_URL;
  }

  /** Takes over the options of the command line, before the command runs. */
  use({ db, json, quiet }: GlobalOptions): void {
    this.#databaseUrl = db ?? this.env.databaseUrl ?? DEFAULT_DATABASE_URL;
    this.#outputOptions = { json: json === true, quiet: quiet === true };
  }

  /**
   * The database that is worked on: the flag's, else the environment's, else the default.
   *
   * @throws CliError `USAGE` if it is not a URL, without repeating what may hold a password
   */
  get databaseUrl(): string {
    return checkedUrl(this.#databaseUrl);
  }

  get output(): Output {
    this.#output ??= new Output(this.#streams, this.#outputOptions);
    return this.#output;
  }

  /** Ends the run's output, if there was any. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#output?.end();
  }
}

/**
 * The URL of a database, if it is one.
 *
 * @throws CliError `USAGE`, without repeating what may hold a password
 */
export function checkedUrl(url: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) return url;
  throw new CliError("USAGE", "the database must be given as a URL", {
    hint: "for a file in the current folder write sqlite://./name.db, for another one sqlite:///path/to/name.db",
  });
}

/** What goes wrong in the command line itself; what goes wrong in a store is a `TelepoolError`. */
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Every code that a `CliError` can carry. */
export type CliErrorCode = "USAGE" | "INVALID_INPUT" | "FILE_UNREADABLE" | "FILE_UNWRITABLE" | "INTERRUPTED";

/** A failure with the exit code that it ends the program with, and a line that says what to do. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(
    code: CliErrorCode,
    message: string,
    details: { readonly hint?: string; readonly exitCode?: ExitCode; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "CliError";
    this.code = code;
    this.exitCode = details.exitCode ?? (code === "USAGE" || code === "INVALID_INPUT" ? EXIT.usage : EXIT.failed);
    this.hint = details.hint;
  }
}

/** The operating system's reason, such as "no such file or directory", without path and call. */
export function systemReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^(?:E[A-Z]+): ([^,]+)/.exec(text)?.[1] ?? text;
}

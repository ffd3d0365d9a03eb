/** From what was thrown to what the user reads and the exit code: one message, one hint, never a stack. */
import type { ErrorCode } from "@telepool/core";
import { CommanderError } from "commander";
import { CliError } from "./cli-error.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { type Output, OutputClosedError } from "./output.ts";

/** The codes of a store's errors that do not end the program with 1. */
const EXIT_CODES: Partial<Readonly<Record<ErrorCode, ExitCode>>> = {
  INVALID_ARGUMENT: EXIT.usage,
  INVALID_OPTION: EXIT.usage,
  INVALID_PROFILE: EXIT.usage,
  INVALID_TEXT: EXIT.usage,
  TARGET_NOT_EMPTY: EXIT.usage,
  ACQUIRE_TIMEOUT: EXIT.unreachable,
  BUCKET_NOT_FOUND: EXIT.unreachable,
  CLOCK_SKEWED: EXIT.unreachable,
  CONNECT_FAILED: EXIT.unreachable,
  CONNECTION_LOST: EXIT.unreachable,
  COPY_NOT_FOUND: EXIT.unreachable,
  CREDENTIALS_REFUSED: EXIT.unreachable,
  DATABASE_BUSY: EXIT.unreachable,
  DATABASE_NOT_FOUND: EXIT.unreachable,
  DRIVER_NOT_INSTALLED: EXIT.unreachable,
  MIGRATION_FAILED: EXIT.unreachable,
  NOT_A_DATABASE: EXIT.unreachable,
  PERMISSION_DENIED: EXIT.unreachable,
  READ_ONLY: EXIT.unreachable,
  RESTORE_UNFINISHED: EXIT.unreachable,
  STORAGE_UNREACHABLE: EXIT.unreachable,
};

const HINTS: Partial<Readonly<Record<ErrorCode, string>>> = {
  DATABASE_BUSY: "another program is in the middle of a long write; try again",
  COMMIT_OUTCOME_UNKNOWN: "write the same id again: it is stored once at the most",
  DATABASE_CORRUPT: "telepool doctor shows the extent",
  STORAGE_FULL: "telepool prune removes the oldest rows",
};

/** What is told of a failure. */
export interface Report {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
  readonly field?: string;
  readonly cause?: string;
  readonly hint?: string;
}

/** Reports what a command threw; gives back the exit code. */
export function reportError(error: unknown, output: Output, interruptedBy: ExitCode | undefined): ExitCode {
  if (error instanceof OutputClosedError) return EXIT.ok;
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // --help and --version throw, too
  const { exitCode, ...report } = describeError(error, interruptedBy);
  const { code, message, cause, hint } = report;
  output.problem(`${message} (${code})`, { error: report });
  if (output.json) return exitCode;
  if (cause !== undefined) output.note(`  cause: ${cause}`);
  if (hint !== undefined) output.note(`  ${hint}`);
  return exitCode;
}

/** Says what an error means to the user. */
export function describeError(error: unknown, interruptedBy: ExitCode | undefined): Report {
  if (error instanceof CommanderError) return describeUsage(error);
  if (error instanceof CliError) {
    const { code, message, hint } = error;
    const exitCode = code === "INTERRUPTED" ? (interruptedBy ?? error.exitCode) : error.exitCode;
    return { code, message, exitCode, ...(hint === undefined ? {} : { hint }) };
  }
  if (interruptedBy !== undefined && codeOf(error) === "ABORTED") {
    return { code: "INTERRUPTED", message: "interrupted; what was acknowledged is stored", exitCode: interruptedBy };
  }
  const code = codeOf(error);
  const cause = (error as { cause?: unknown } | null)?.cause;
  // A pool says how long it tried to connect; why it could not is what the user needs.
  if (code === "ACQUIRE_TIMEOUT" && codeOf(cause) !== "UNEXPECTED") return describeError(cause, interruptedBy);
  const hint = HINTS[code as ErrorCode]; // a code that is not telepool's has no hint
  const field = (error as { field?: unknown } | null)?.field;
  return {
    code,
    message: error instanceof Error ? error.message : String(error),
    exitCode: EXIT_CODES[code as ErrorCode] ?? EXIT.failed,
    ...(typeof field === "string" ? { field } : {}),
    ...(code === "MIGRATION_FAILED" && cause instanceof Error ? { cause: cause.message } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}

function describeUsage({ code, message }: CommanderError): Report {
  const [text = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const help = "telepool --help lists the commands, telepool <command> --help its options";
  return {
    code: "USAGE",
    message: code === "commander.help" ? "a command is missing" : text,
    exitCode: EXIT.usage,
    hint: suggestion?.replace(/^\((.*)\)$/, "$1") ?? help,
  };
}

/** By its shape rather than its class, so that a run without a store does not load core. */
function codeOf(error: unknown): string {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }; // only looked at
  if (name === "TelepoolError" && typeof code === "string") return code;
  if (name === "AbortError") return "ABORTED";
  return typeof code === "string" ? code : "UNEXPECTED";
}

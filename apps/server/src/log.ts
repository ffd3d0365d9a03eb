/** What the server says to its operator: one JSON line per entry on stderr, never a body, a query or a secret. */
import { isTelepoolError } from "@telepool/core";

/** One line of the log. */
export interface LogEntry {
  readonly level: "warn" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Where log lines go. */
export type Log = (entry: LogEntry) => void;

/** Writes an entry as one line of JSON to stderr. */
export const logToStderr: Log = (entry) => {
  console.error(JSON.stringify({ time: new Date().toISOString(), ...entry }));
};

/** An error and what caused it, as fields of a log entry. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: `a ${typeof error} was thrown` };
  return {
    name: error.name,
    ...(isTelepoolError(error) ? { code: error.code } : {}),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

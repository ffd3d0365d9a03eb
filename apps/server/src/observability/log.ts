/**
 * What the server says to its operator: one JSON line per entry on stderr, never a body, a query or a secret.
 *
 * The lines are written by pino, which is loaded with the first of them: it takes 10 MB, a fifth of an idle server, and a
 * server that is well has nothing to say.
 */
import { isTelepoolError } from "@telepool/core";
import type { Logger } from "pino";

/** How much is said: `debug` has a line for each request. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the log. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, "silent">;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Where log lines go. */
export type Log = (entry: LogEntry) => void;

/** Passes on what is of a level or above it. */
export function atLeast(level: LogLevel, log: Log): Log {
  return (entry) => {
    if (LOG_LEVELS.indexOf(entry.level) >= LOG_LEVELS.indexOf(level)) log(entry);
  };
}

/** Writes each entry to stderr, as a line of JSON. */
export function logToStderr(): Log {
  let logger: Logger | undefined;
  return ({ level, message, ...fields }) => {
    logger ??= openLogger();
    logger[level](fields, message);
  };
}

function openLogger(): Logger {
  const { destination, pino } = require("pino") as typeof import("pino"); // at once, so that no line waits for a load
  const options = {
    level: "debug",
    base: null,
    messageKey: "message",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous: what was said last before the process ends is what one wants to read.
  return pino(options, destination({ dest: 2, sync: true }));
}

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

/**
 * The one error class of telepool and the closed list of its codes.
 *
 * A caller branches on `code`, never on the text. A message says what happened, where and what to do; it never holds
 * a password, a token or the content of a row. What a library threw is kept as `cause`.
 */

/** Every code that a `TelepoolError` can carry; docs/errors.md says of each what to do. */
export type ErrorCode =
  // the caller's input
  | "INVALID_ARGUMENT"
  | "INVALID_OPTION"
  | "INVALID_PROFILE"
  | "INVALID_TEXT"
  // the pool and the queues
  | "ABORTED"
  | "ACQUIRE_TIMEOUT"
  | "CLOSE_TIMEOUT"
  | "LEASE_RELEASED"
  | "POOL_CLOSED"
  | "POOL_OVERLOADED"
  | "QUEUE_FULL"
  // the database
  | "COMMIT_OUTCOME_UNKNOWN"
  | "CONNECT_FAILED"
  | "CONNECTION_LOST"
  | "CONSTRAINT_VIOLATED"
  | "DATABASE_BUSY"
  | "DATABASE_CORRUPT"
  | "DATABASE_NOT_FOUND"
  | "DRIVER_NOT_INSTALLED"
  | "MIGRATION_FAILED"
  | "NOT_A_DATABASE"
  | "NOT_SUPPORTED"
  | "PERMISSION_DENIED"
  | "READ_ONLY"
  | "ROW_TOO_LARGE"
  | "STATEMENT_FAILED"
  | "STATEMENT_TIMEOUT"
  | "STORAGE_FAILED"
  | "STORAGE_FULL"
  | "TLS_FAILED"
  // the copy in object storage
  | "BUCKET_NOT_FOUND"
  | "CLOCK_SKEWED"
  | "COPY_DAMAGED"
  | "COPY_FENCED"
  | "COPY_NOT_FOUND"
  | "CREDENTIALS_REFUSED"
  | "RESTORE_UNFINISHED"
  | "STORAGE_UNREACHABLE"
  | "TARGET_NOT_EMPTY";

/** What an error may carry beside its code and message. */
export interface ErrorDetails {
  /** What the library or the operating system threw. */
  readonly cause?: unknown;
  /** The path of the offending input, such as `profile.nested[2].x` or `pool.max`. */
  readonly field?: string;
  /** How many milliseconds the caller should wait before it tries again. */
  readonly retryAfterMs?: number;
}

/** Every failure that telepool reports: a `code` to branch on, the `field` where input is at fault, the `cause`. */
export class TelepoolError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "TelepoolError";
    this.code = code;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** What may be shown to a client: never the cause, never a stack. */
  toJSON(): { code: ErrorCode; message: string; field?: string } {
    return {
      code: this.code,
      message: this.message,
      ...(this.field === undefined ? {} : { field: this.field }),
    };
  }
}

/** Whether `error` is a `TelepoolError`, of the given code if one is given. */
export function isTelepoolError(error: unknown, code?: ErrorCode): error is TelepoolError {
  return error instanceof TelepoolError && (code === undefined || error.code === code);
}

/** The `ABORTED` error for a signal that fired, with the signal's reason as the cause. */
export function abortedError(signal: AbortSignal, what: string): TelepoolError {
  return new TelepoolError("ABORTED", `${what} was aborted by its caller's signal`, { cause: signal.reason });
}

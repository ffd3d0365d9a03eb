/** What SQLite's errors mean: a table from its result codes to telepool's. https://www.sqlite.org/rescode.html */
import type { ErrorClass, ErrorCode } from "@telepool/core";

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable?: true;
}

/** By primary result code, the part of the name up to the second underscore. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  SQLITE_BUSY: { code: "DATABASE_BUSY", message: "another process kept the database locked", retryable: true },
  SQLITE_LOCKED: { code: "DATABASE_BUSY", message: "another connection kept a table locked", retryable: true },
  SQLITE_CANTOPEN: {
    code: "CONNECT_FAILED",
    message: "the database file could not be opened; check its path and its permissions",
  },
  SQLITE_NOTADB: { code: "NOT_A_DATABASE", message: "the file is not an SQLite database; check its path" },
  SQLITE_CORRUPT: { code: "DATABASE_CORRUPT", message: "the database file is damaged; restore a copy" },
  SQLITE_READONLY: {
    code: "READ_ONLY",
    message:
      "the database cannot be written: it was opened with readOnly, or its file's or folder's permissions forbid it",
  },
  SQLITE_PERM: { code: "PERMISSION_DENIED", message: "the database file's permissions refuse access" },
  SQLITE_AUTH: { code: "PERMISSION_DENIED", message: "the statement is not permitted" },
  SQLITE_FULL: {
    code: "STORAGE_FULL",
    message: "the disk is full, or the database has reached its size limit; free space or prune",
  },
  SQLITE_IOERR: { code: "STORAGE_FAILED", message: "the disk failed while the database was read or written" },
  SQLITE_CONSTRAINT: {
    code: "CONSTRAINT_VIOLATED",
    message: "a constraint or trigger of the database refused the row",
  },
};

const UNKNOWN: Meaning = { code: "STATEMENT_FAILED", message: "SQLite could not run the statement" };

/** The result code's name that bun:sqlite puts on its errors, such as `SQLITE_BUSY_SNAPSHOT`. */
export function resultCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code; // only looked at
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}

/** The meaning of an error that bun:sqlite threw. Its text names tables and columns, never values, so it is shown. */
export function classifySqliteError(error: unknown): ErrorClass {
  const code = resultCode(error);
  const primary = code?.split("_").slice(0, 2).join("_") ?? "";
  const meaning = MEANINGS[primary] ?? UNKNOWN;
  const detail = error instanceof Error && code !== undefined ? ` (${code}: ${error.message})` : "";
  return { code: meaning.code, message: `${meaning.message}${detail}`, retryable: meaning.retryable ?? false };
}

/** Whether a connection that met this error should not be used again. */
export function breaksConnection(error: unknown): boolean {
  return /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|MISUSE)/.test(resultCode(error) ?? "");
}

/**
 * What PostgreSQL's errors mean: a table from its SQLSTATE codes to telepool's, by the whole code or by its class.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 *
 * The server's own text may repeat values of a row. It is passed on only for class 42, which speaks of names alone.
 */
import type { ErrorClass, ErrorCode } from "@telepool/core";
import { CONNECTION_LOST, isSocketError, systemErrorClass } from "@telepool/core/remote";

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
}

const NO_SPACE: Meaning = { code: "STORAGE_FULL", message: "the server's disk is full; free space or prune" };
const STARTING: Meaning = { code: "CONNECT_FAILED", message: "the server is starting up or shutting down; try again" };
const WRONG_LOGIN: Meaning = {
  code: "PERMISSION_DENIED",
  message: "the server refused the login; check user and password, and the server's pg_hba.conf",
};

/** By whole SQLSTATE, or by its first two characters, the class. */
const BY_STATE: Readonly<Record<string, Meaning>> = {
  "08": CONNECTION_LOST,
  "22": { code: "STATEMENT_FAILED", message: "the server could not take a value" },
  "23": { code: "CONSTRAINT_VIOLATED", message: "a constraint or trigger of the database refused the row" },
  "25006": {
    code: "READ_ONLY",
    message: "the database cannot be written: it was opened with readOnly, or the server is a standby or read-only",
  },
  "28": WRONG_LOGIN,
  "3D000": { code: "DATABASE_NOT_FOUND", message: "the server has no such database; create it, or name another one" },
  "40001": { code: "DATABASE_BUSY", message: "concurrent transactions were in each other's way", retryable: true },
  "40P01": { code: "DATABASE_BUSY", message: "concurrent transactions waited for each other", retryable: true },
  "42": { code: "STATEMENT_FAILED", message: "the server could not run the statement" },
  "42501": { code: "PERMISSION_DENIED", message: "the user lacks a privilege" },
  "53100": NO_SPACE,
  "53200": { code: "STORAGE_FULL", message: "the server is out of memory" },
  "53300": {
    code: "CONNECT_FAILED",
    message: "the server has no connection left; lower pool.max or raise its max_connections",
  },
  "55P03": { code: "DATABASE_BUSY", message: "another transaction kept a lock", retryable: true },
  "57014": { code: "STATEMENT_TIMEOUT", message: "the server cancelled the statement, as it took too long" },
  "57P01": CONNECTION_LOST,
  "57P02": CONNECTION_LOST,
  "57P03": STARTING,
  "57P05": CONNECTION_LOST,
  "58": { code: "STORAGE_FAILED", message: "the server's disk failed" },
  P0001: { code: "CONSTRAINT_VIOLATED", message: "a trigger of the database refused the row" },
  XX001: { code: "DATABASE_CORRUPT", message: "the server's data is damaged; restore a backup" },
  XX002: { code: "DATABASE_CORRUPT", message: "an index of the server is damaged; reindex it" },
};

/** By the texts of pg's own errors, which carry no code. */
const BY_TEXT: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [/^Connection terminated|not queryable|Client was closed/, CONNECTION_LOST],
  [
    /does not support SSL/,
    { code: "TLS_FAILED", message: "the server offers no TLS; set it up there, or leave ssl out" },
  ],
  [
    /password must be a string|no password/i,
    { ...WRONG_LOGIN, message: "the server wants a password, and none was given" },
  ],
];

const UNKNOWN: Meaning = { code: "STATEMENT_FAILED", message: "PostgreSQL could not run the statement" };

/** The five characters that PostgreSQL puts on its errors. */
function sqlState(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code; // only looked at
  return typeof code === "string" ? code : undefined;
}

/** The meaning of an error that pg, the server or the operating system threw. */
export function classifyPgError(error: unknown): ErrorClass {
  const state = sqlState(error);
  const meaning = meaningOf(error, state);
  const detail = state === undefined ? "" : ` (${[state, ...namesIn(error, state)].join(", ")})`;
  return { code: meaning.code, message: `${meaning.message}${detail}`, retryable: meaning.retryable ?? false };
}

function meaningOf(error: unknown, state: string | undefined): Meaning {
  if (state === "0A000" && hasStalePlan(error)) return CONNECTION_LOST;
  if (state !== undefined) return own(BY_STATE, state) ?? own(BY_STATE, state.slice(0, 2)) ?? UNKNOWN;
  const known = systemErrorClass(error);
  if (known !== undefined) return known;
  const text = error instanceof Error ? error.message : "";
  return BY_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? UNKNOWN;
}

/** A table was altered under prepared statements: the connection keeps their plans, and so the mistake; another has none yet. */
function hasStalePlan(error: unknown): boolean {
  return error instanceof Error && error.message.includes("cached plan");
}

function own(table: Readonly<Record<string, Meaning>>, key: string): Meaning | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Which constraint, table and column the server names; for class 42 also what it says. */
function namesIn(error: unknown, state: string): string[] {
  const { constraint, table, column, message } = error as Record<string, unknown>; // only looked at
  const names = Object.entries({ constraint, table, column }).flatMap(([kind, name]) =>
    typeof name === "string" ? [`${kind} ${name}`] : [],
  );
  const tellsNamesOnly = state.startsWith("42") && typeof message === "string";
  return tellsNamesOnly ? [...names, String(message).replace(/\s+/g, " ").slice(0, 300)] : names;
}

/** Whether the connection is gone, so that what was under way has an unknown end. */
export function isConnectionLoss(error: unknown): boolean {
  return classifyPgError(error).code === "CONNECTION_LOST" || (sqlState(error) === undefined && isSocketError(error));
}

/** Takes away what the server tells of a row's values: whoever logs the error would log them too. */
export function withoutValues(error: unknown): unknown {
  const state = sqlState(error);
  if (state === undefined || !(error instanceof Error)) return error;
  for (const name of ["detail", "where", "internalQuery"]) Reflect.deleteProperty(error, name);
  if (!/^(?:22|23|P0)/.test(state)) return error;
  const said = `the server refused a value or a row (${state})`; // its own text, or a trigger's, may repeat it
  return Object.assign(error, { message: said, stack: said });
}

/**
 * What the errors of MySQL and MariaDB mean: a table from their numbers to telepool's codes.
 * https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
 *
 * The servers' texts may repeat values of a row, so they are passed on only where they speak of names alone.
 */
import type { ErrorClass, ErrorCode } from "@telepool/core";
import { CONNECTION_LOST, isSocketError, systemErrorClass } from "@telepool/core/remote";

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
  /** Whether the server's text holds names and no values. */
  readonly tellsNamesOnly?: true;
}

const WRONG_LOGIN: Meaning = {
  code: "PERMISSION_DENIED",
  message: "the server refused the login; check user and password, and from which hosts the user may connect",
};
const NO_PRIVILEGE: Meaning = {
  code: "PERMISSION_DENIED",
  message: "the user lacks a privilege: grant what the server names",
  tellsNamesOnly: true,
};
const NO_TRIGGERS: Meaning = {
  code: "PERMISSION_DENIED",
  message:
    "the server writes a binary log and lets nobody but SUPER make triggers: set its log_bin_trust_function_creators to 1",
};
const READ_ONLY: Meaning = {
  code: "READ_ONLY",
  message: "the database cannot be written: it was opened with readOnly, or the server is read-only",
};
const NO_SPACE: Meaning = { code: "STORAGE_FULL", message: "the server's disk is full; free space or prune" };
const TOO_SLOW: Meaning = {
  code: "STATEMENT_TIMEOUT",
  message: "the server cancelled the statement, as it took too long",
};
const TOO_LARGE: Meaning = {
  code: "ROW_TOO_LARGE",
  message: "the row is larger than a packet may be; raise the server's max_allowed_packet",
};
const CONSTRAINT: Meaning = {
  code: "CONSTRAINT_VIOLATED",
  message: "a constraint or trigger of the database refused the row",
};
const NAMED_CONSTRAINT: Meaning = { ...CONSTRAINT, tellsNamesOnly: true };
const WRONG_STATEMENT: Meaning = {
  code: "STATEMENT_FAILED",
  message: "the server could not run the statement",
  tellsNamesOnly: true,
};
const TOO_MANY: Meaning = {
  code: "CONNECT_FAILED",
  message: "the server has no connection left; lower pool.max or raise its max_connections",
};

const BY_NUMBER: Readonly<Record<number, Meaning>> = {
  1021: NO_SPACE,
  1037: NO_SPACE,
  1040: TOO_MANY,
  1044: NO_PRIVILEGE,
  1045: WRONG_LOGIN,
  1048: NAMED_CONSTRAINT,
  1049: { code: "DATABASE_NOT_FOUND", message: "the server has no such database; create it, or name another one" },
  1053: CONNECTION_LOST,
  1054: WRONG_STATEMENT,
  1062: CONSTRAINT,
  1064: WRONG_STATEMENT,
  1114: NO_SPACE,
  1129: { code: "CONNECT_FAILED", message: "the server has blocked this host; see its flush hosts" },
  1130: WRONG_LOGIN,
  1142: NO_PRIVILEGE,
  1143: NO_PRIVILEGE,
  1146: WRONG_STATEMENT,
  1153: TOO_LARGE,
  1203: TOO_MANY,
  1205: { code: "DATABASE_BUSY", message: "another transaction kept a lock", retryable: true },
  1213: { code: "DATABASE_BUSY", message: "concurrent transactions waited for each other", retryable: true },
  1226: TOO_MANY,
  1227: NO_PRIVILEGE,
  1290: READ_ONLY,
  1317: TOO_SLOW,
  1364: NAMED_CONSTRAINT,
  1419: NO_TRIGGERS,
  1449: {
    code: "PERMISSION_DENIED",
    message: "the user who made a trigger is gone: make him again, or the trigger as another",
    tellsNamesOnly: true,
  },
  1451: NAMED_CONSTRAINT,
  1452: NAMED_CONSTRAINT,
  1644: CONSTRAINT,
  1698: WRONG_LOGIN,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1927: CONNECTION_LOST,
  1969: TOO_SLOW,
  3024: TOO_SLOW,
  3819: NAMED_CONSTRAINT,
  4025: NAMED_CONSTRAINT,
  4031: CONNECTION_LOST,
};

const UNTRUSTED = systemErrorClass({ code: "CERT_UNTRUSTED" });

/** By what mysql2 says. */
const BY_CODE: Readonly<Record<string, Meaning | undefined>> = {
  HANDSHAKE_NO_SSL_SUPPORT: {
    code: "TLS_FAILED",
    message: "the server offers no TLS; set it up there, or leave ssl out",
  },
  HANDSHAKE_SSL_ERROR: UNTRUSTED,
  PROTOCOL_CONNECTION_LOST: CONNECTION_LOST,
  PROTOCOL_SEQUENCE_TIMEOUT: CONNECTION_LOST,
};

const UNKNOWN: Meaning = { code: "STATEMENT_FAILED", message: "MySQL could not run the statement" };

interface Told {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly sqlMessage?: unknown;
}

/** The meaning of an error that mysql2, the server or the operating system threw. */
export function classifyMysqlError(error: unknown): ErrorClass {
  const meaning = meaningOf(error);
  const { code, sqlMessage } = (error ?? {}) as Told; // only looked at
  const fromServer = typeof sqlMessage === "string" && typeof code === "string";
  const text = fromServer && meaning.tellsNamesOnly ? `: ${sqlMessage.replace(/\s+/g, " ").slice(0, 300)}` : "";
  const detail = fromServer ? ` (${code}${text})` : "";
  return { code: meaning.code, message: `${meaning.message}${detail}`, retryable: meaning.retryable ?? false };
}

function meaningOf(error: unknown): Meaning {
  const { errno, code, message } = (error ?? {}) as Told; // only looked at
  if (typeof errno === "number" && Object.hasOwn(BY_NUMBER, errno)) return BY_NUMBER[errno] ?? UNKNOWN;
  if (typeof code === "string" && Object.hasOwn(BY_CODE, code)) return BY_CODE[code] ?? UNKNOWN;
  const known = systemErrorClass(error);
  if (known !== undefined) return known;
  // What mysql2 says of a connection that was lost before has no code.
  return typeof message === "string" && /in closed state|Connection lost/.test(message) ? CONNECTION_LOST : UNKNOWN;
}

/** Whether the connection is gone, so that what was under way has an unknown end. */
export function isConnectionLoss(error: unknown): boolean {
  const { fatal, sqlMessage } = (error ?? {}) as { fatal?: unknown; sqlMessage?: unknown }; // only looked at
  if (meaningOf(error).code === "CONNECTION_LOST" || fatal === true) return true;
  return sqlMessage === undefined && isSocketError(error);
}

/** Takes away what an error tells of a row's values: whoever logs it would log them too. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error) || typeof (error as Told).sqlMessage !== "string") return error;
  for (const name of ["sql", "parameters"]) Reflect.deleteProperty(error, name);
  if (meaningOf(error).tellsNamesOnly === true) return error;
  const said = `${String((error as Told).code)} (${String((error as Told).errno)})`;
  return Object.assign(error, { message: said, sqlMessage: said, stack: said });
}

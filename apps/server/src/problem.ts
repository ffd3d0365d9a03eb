/**
 * Every failure as `application/problem+json` (RFC 9457), and the one table from core's error codes to HTTP.
 *
 * A client sees what it can act on: its own mistakes with the field's path, overload with the time to wait. What went
 * wrong inside goes to the log, under the request's id, and never into the answer.
 */
import { STATUS_CODES } from "node:http";
import { type ErrorCode, isTelepoolError, type TelepoolError } from "@telepool/core";
import type { Context } from "hono";
import { HttpError, type HttpErrorCode } from "./http-error.ts";
import { describeError, type Log } from "./log.ts";

/** The body of every answer that is not a success. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode | HttpErrorCode;
  /** The path of the offending input: `member`, `[3].profile.x`. */
  readonly field?: string;
  readonly request_id: string;
}

/** How an error of the store is answered. */
interface Answer {
  readonly status: 400 | 422 | 500 | 501 | 503 | 507;
  /** Stands in for the error's message where that is about the server's inside. */
  readonly detail?: string;
  /** Whether the operator has to know. */
  readonly logged?: true;
}

const INPUT: Answer = { status: 400 };
const BUSY: Answer = { status: 503 };
const CLOSING: Answer = { status: 503, detail: "the server is shutting down" };
const UNREACHABLE: Answer = { status: 503, detail: "the database cannot be reached", logged: true };
const INTERNAL: Answer = {
  status: 500,
  detail: "the server failed; its log has the reason under this request's id",
  logged: true,
};

/** How each code of core is answered; docs/errors.md shows the same. */
export const ANSWERS: Readonly<Record<ErrorCode, Answer>> = {
  INVALID_ARGUMENT: INPUT,
  INVALID_OPTION: INPUT,
  INVALID_PROFILE: INPUT,
  INVALID_TEXT: INPUT,
  ABORTED: CLOSING,
  ACQUIRE_TIMEOUT: BUSY,
  CLOSE_TIMEOUT: CLOSING,
  LEASE_RELEASED: INTERNAL,
  POOL_CLOSED: CLOSING,
  POOL_OVERLOADED: BUSY,
  QUEUE_FULL: BUSY,
  COMMIT_OUTCOME_UNKNOWN: {
    status: 500,
    detail: "it is not known whether the rows were stored; send them again only with ids of your own",
    logged: true,
  },
  CONNECT_FAILED: UNREACHABLE,
  CONNECTION_LOST: UNREACHABLE,
  CONSTRAINT_VIOLATED: { status: 422, detail: "a constraint or trigger of the database refused the row" },
  DATABASE_BUSY: { status: 503, detail: "another process kept the database busy" },
  DATABASE_CORRUPT: INTERNAL,
  DATABASE_NOT_FOUND: UNREACHABLE,
  DRIVER_NOT_INSTALLED: INTERNAL,
  MIGRATION_FAILED: INTERNAL,
  NOT_A_DATABASE: INTERNAL,
  NOT_SUPPORTED: { status: 501 },
  PERMISSION_DENIED: INTERNAL,
  // An operator can repair this, so clients should keep their rows and come back.
  READ_ONLY: { status: 503, detail: "the database cannot be written at present", logged: true },
  ROW_TOO_LARGE: { status: 422, detail: "the row is larger than the database takes" },
  STATEMENT_FAILED: INTERNAL,
  STATEMENT_TIMEOUT: { status: 503, detail: "the database took too long" },
  STORAGE_FAILED: INTERNAL,
  STORAGE_FULL: { status: 507, detail: "the server's disk is full", logged: true },
  TLS_FAILED: UNREACHABLE,
};

/** A field's name is the client's own text: this much of it is repeated. */
const MAX_TEXT_LENGTH = 300;
const DEFAULT_RETRY_AFTER_MS = 1000;

/** The answer to a request that failed. */
export function problemResponse(c: Context, error: unknown, log: Log): Response {
  if (error instanceof HttpError) return respond(c, error.status, error.code, error.message, error.headers);
  const answer = isTelepoolError(error) ? ANSWERS[error.code] : INTERNAL;
  if (answer.logged) {
    log({
      level: "error",
      message: "request failed",
      request_id: c.get("requestId"),
      method: c.req.method,
      path: c.req.path,
      status: answer.status,
      error: describeError(error),
    });
  }
  if (!isTelepoolError(error)) return respond(c, answer.status, "INTERNAL", answer.detail ?? "");
  const { detail, field } = inClientsWords(error);
  return respond(c, answer.status, error.code, answer.detail ?? detail, retryHeader(answer, error), field);
}

function respond(
  c: Context,
  status: HttpError["status"] | Answer["status"],
  code: Problem["code"],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  field?: string,
): Response {
  const problem: Problem = {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: clip(detail),
    code,
    ...(field === undefined ? {} : { field: clip(field) }),
    request_id: c.get("requestId"),
  };
  return c.body(JSON.stringify(problem), status, { ...headers, "content-type": "application/problem+json" });
}

function retryHeader(answer: Answer, error: TelepoolError): Record<string, string> {
  if (answer.status !== 503) return {};
  return { "retry-after": String(Math.ceil((error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1000)) };
}

/** Core names its arguments `row`, `rows` and `page`; a client knows only the body and the query parameters. */
function inClientsWords(error: TelepoolError): { readonly detail: string; readonly field: string | undefined } {
  const { field, message } = error;
  if (field === undefined) return { detail: message, field };
  const named = field.replace(/^(?:rows(?=\[)|row(?:\.|$)|page\.)/, "");
  const subject = named === "" ? "the body" : named;
  const detail = message.startsWith(field) ? subject + message.slice(field.length) : message;
  return { detail, field: named === "" ? undefined : named };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`.toWellFormed();
}

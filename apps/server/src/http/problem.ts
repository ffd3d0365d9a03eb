/**
 * Every failure as `application/problem+json` (RFC 9457), and the one table from core's error codes to HTTP.
 *
 * A client sees what it can act on: its own mistakes with the field's path, overload with the time to wait. What went
 * wrong inside goes to the log, under the request's id, and never into the answer.
 */
import { type ErrorCode, isTelepoolError, type TelepoolError } from "@telepool/core";
import type { Context } from "hono";
import { describeError, type Log } from "../observability/log.ts";
import { HttpError, type HttpErrorCode } from "./http-error.ts";

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
  /** Further members, such as how many rows were stored before the failure. */
  readonly [extension: string]: unknown;
}

/** How an error of the store is answered. */
interface Answer {
  readonly status: 400 | 404 | 409 | 422 | 500 | 501 | 502 | 503 | 507;
  /** Stands in for the error's message where that is about the server's inside. */
  readonly detail?: string;
  /** Whether the operator has to know. */
  readonly logged?: true;
}

const INPUT: Answer = { status: 400 };
const BUSY: Answer = { status: 503 };
const CLOSING: Answer = { status: 503, detail: "the server is shutting down" };
const UNREACHABLE: Answer = { status: 503, detail: "the database cannot be reached", logged: true };
/** The storage of the copy, or what it was set up with, is at fault; only who asks for a sync meets it, and may know why. */
const COPY: Answer = { status: 502 };
/** Nothing is broken: somebody has to decide. */
const UNDECIDED: Answer = { status: 409 };
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
  BUCKET_NOT_FOUND: COPY,
  CLOCK_SKEWED: COPY,
  COPY_DAMAGED: COPY,
  COPY_FENCED: UNDECIDED,
  COPY_NOT_FOUND: { status: 404 },
  CREDENTIALS_REFUSED: COPY,
  RESTORE_UNFINISHED: UNDECIDED,
  STORAGE_UNREACHABLE: { status: 503 },
  TARGET_NOT_EMPTY: UNDECIDED,
};

const STATUS_TEXT: Readonly<Record<ErrorAnswer["status"], string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

/** A field's name is the client's own text: this much of it is repeated. */
const MAX_TEXT_LENGTH = 300;
const DEFAULT_RETRY_AFTER_MS = 1000;

/** What becomes of an error, whatever form the answer has. */
export interface ErrorAnswer {
  readonly status: HttpError["status"] | Answer["status"];
  readonly code: Problem["code"];
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly field?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The answer to a request that failed; `more` becomes further members of it. */
export function problemResponse(
  c: Context,
  error: unknown,
  log: Log,
  more: Readonly<Record<string, unknown>> = {},
): Response {
  const { status, code, detail, headers, field, extensions } = answerTo(c, error, log);
  const problem: Problem = {
    type: "about:blank",
    title: STATUS_TEXT[status],
    status,
    detail,
    code,
    ...(field === undefined ? {} : { field }),
    request_id: c.get("requestId"),
    ...extensions,
    ...more,
  };
  return c.body(JSON.stringify(problem), status, { ...headers, "content-type": "application/problem+json" });
}

/** Decides how an error is answered, and logs it where the operator has to know. */
export function answerTo(c: Context, error: unknown, log: Log): ErrorAnswer {
  if (error instanceof HttpError) {
    const { status, code, message, headers, extensions } = error;
    return { status, code, detail: clip(message), headers, extensions };
  }
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
  if (!isTelepoolError(error)) {
    return { status: answer.status, code: "INTERNAL", detail: answer.detail ?? "", headers: {} };
  }
  const { detail, field } = inClientsWords(error.message, error.field);
  return {
    status: answer.status,
    code: error.code,
    detail: answer.detail ?? detail,
    headers: retryHeader(answer, error),
    ...(field === undefined ? {} : { field }),
  };
}

function retryHeader(answer: Answer, error: TelepoolError): Record<string, string> {
  if (answer.status !== 503) return {};
  return { "retry-after": String(Math.ceil((error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) / 1000)) };
}

/**
 * Core names its arguments `row`, `rows`, `page` and `filter`; a client knows only the body and the query parameters.
 */
export function inClientsWords(message: string, field: string | undefined): { detail: string; field?: string } {
  if (field === undefined) return { detail: clip(message) };
  const named = field
    .replace(/^filter\.type$/, "event_type")
    .replace(/^(?:rows(?=\[)|row(?:\.|$)|page\.|filter\.)/, "");
  const subject = named === "" ? "the body" : named;
  const detail = clip(message.startsWith(field) ? subject + message.slice(field.length) : message);
  return named === "" ? { detail } : { detail, field: clip(named) };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`.toWellFormed();
}

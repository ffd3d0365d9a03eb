/**
 * What a request failed with, read from whatever the SDK or the system threw. The SDK's errors hold the request with its
 * signature and its session token; what is kept of them as a cause holds neither.
 */
import { isSocketError, systemErrorClass } from "@telepool/core/remote";

/** A failure, whoever threw it. */
export interface S3Failure {
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined;
  /** The S3 error's code (`NoSuchBucket`), or the system's (`ECONNREFUSED`); empty for an answer without a body. */
  readonly code: string;
  readonly message: string;
  /** What the storage's clock showed, in milliseconds since 1970, if the answer tells. */
  readonly serverTimeMs: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether the same request may succeed later. */
  readonly mayPass: boolean;
  readonly cause: Error;
}

/** The code of a `BrokenAnswer`. */
export const BROKEN_ANSWER = "BROKEN_ANSWER" as const;

/** An answer that is not what was announced or asked for; the next one may be. */
export class BrokenAnswer extends Error {
  readonly code: typeof BROKEN_ANSWER = BROKEN_ANSWER;

  constructor(message: string) {
    super(message);
    this.name = "BrokenAnswer";
  }
}

/** What is looked at of an error; everything may be missing. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: { readonly statusCode?: unknown; readonly headers?: Readonly<Record<string, unknown>> };
}

const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/** Bodies that were damaged or cut on their way to the storage, and another writer of the same key at the same time. */
const PASSING_CODES = new Set(["BadDigest", "ConditionalRequestConflict", "IncompleteBody", "RequestTimeout"]);
/** What the SDK calls an answer without a body. */
const NO_CODE = new Set(["Unknown", "UnknownError", "NotFound", "Error"]);

/** Reads an error. */
export function s3Failure(error: unknown, nowMs: number): S3Failure {
  const thrown = (typeof error === "object" && error !== null ? error : { message: String(error) }) as Thrown; // only looked at
  const status = number(thrown.$metadata?.httpStatusCode) ?? number(thrown.$response?.statusCode);
  const code = status === undefined ? systemCode(thrown) : answerCode(thrown);
  const message = text(thrown.message);
  const headers = thrown.$response?.headers ?? {};
  return {
    status,
    code,
    message,
    serverTimeMs: dateMs(headers.date),
    retryAfterMs: retryAfterMs(headers["retry-after"], nowMs),
    mayPass: status === undefined ? mayNetworkPass(error) : PASSING_CODES.has(code) || mayAnswerPass(status),
    cause: withoutRequest(thrown, status, code),
  };
}

/** A body that could not be read makes the SDK throw although the status is a good one. */
function mayAnswerPass(status: number): boolean {
  return PASSING_STATUS.has(status) || (status >= 200 && status < 300);
}

function mayNetworkPass(error: unknown): boolean {
  if (error instanceof BrokenAnswer || (error as Thrown | undefined)?.name === "TimeoutError") return true; // the SDK's name
  return isSocketError(error) && systemErrorClass(error)?.code !== "TLS_FAILED";
}

function systemCode({ code, name }: Thrown): string {
  return text(code) || text(name);
}

function answerCode({ Code, name }: Thrown): string {
  const code = text(Code) || text(name);
  return NO_CODE.has(code) ? "" : code;
}

function withoutRequest({ name, message, stack }: Thrown, status: number | undefined, code: string): Error {
  const cause = Object.assign(new Error(text(message)), { code, ...(status === undefined ? {} : { status }) });
  cause.name = text(name) || "Error";
  if (typeof stack === "string") cause.stack = stack;
  return cause;
}

function retryAfterMs(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== "string") return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = dateMs(value);
  return date === undefined ? undefined : Math.max(0, date - nowMs);
}

function dateMs(value: unknown): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * The answers of OTLP, each in the type of its request: `Export…ServiceResponse` for a success, `google.rpc.Status` for a
 * failure. An SDK cannot read anything else.
 *
 * Only 429, 502, 503 and 504 make a client send again; after any other failure it drops what it had. So what passes, be it
 * when an operator acts, is answered with 503 here, also where the rest of the interface says 408, 500 or 507: the rows
 * have ids, and to send them again is safe.
 */
import type { Context } from "hono";
import { HttpError } from "../http/http-error.ts";
import { answerTo, type ErrorAnswer } from "../http/problem.ts";
import type { Log } from "../observability/log.ts";
import type { Signal } from "./signals.ts";
import type { StoredRecords } from "./store-records.ts";

/** How a request and its answer are encoded. */
export type OtlpType = "json" | "protobuf";

const MEDIA_TYPES: Readonly<Record<OtlpType, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
};
/** A charset other than UTF-8. */
const CHARSET = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(?:;|$))/i;

/** How many reasons for rejecting records are told. */
const MAX_REASONS = 3;

/** @throws HttpError 415 `UNSUPPORTED_MEDIA_TYPE` */
export function otlpType(headers: Headers): OtlpType {
  const type = typeOf(headers);
  if (type !== undefined && !CHARSET.test(headers.get("content-type") ?? "")) return type;
  const text = "the body must be sent as content-type: application/x-protobuf, or application/json in UTF-8";
  throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", text);
}

function typeOf(headers: Headers): OtlpType | undefined {
  const name = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  return name === MEDIA_TYPES.protobuf ? "protobuf" : name === MEDIA_TYPES.json ? "json" : undefined;
}

/** The answer to a request whose records were all stored, or all but some; `warning` is told where none was rejected. */
export async function exportResponse(
  c: Context,
  type: OtlpType,
  signal: Signal,
  outcome: StoredRecords,
  warning?: string,
): Promise<Response> {
  const { rejected } = outcome;
  const message = rejected > 0 ? rejections(signal, outcome) : warning;
  if (message === undefined) return respond(c, type, 200, type === "json" ? "{}" : new Uint8Array());
  const body =
    type === "json"
      ? JSON.stringify({ partialSuccess: { [signal.rejectedField]: String(rejected), errorMessage: message } })
      : (await import("./protobuf.ts")).partialSuccess(rejected, message);
  return respond(c, type, 200, body);
}

function rejections({ records }: Signal, { stored, duplicates, rejected, reasons }: StoredRecords): string {
  const told = [...reasons]
    .slice(0, MAX_REASONS)
    .map(([reason, count]) => (count === 1 ? reason : `${reason} (${count})`));
  const others = reasons.size > MAX_REASONS ? `; ${reasons.size - MAX_REASONS} other reasons` : "";
  return `${rejected} of ${stored + duplicates + rejected} ${records} were rejected: ${told.join("; ")}${others}`;
}

/** The answer to a request that failed; in JSON where it cannot be told what was sent. */
export async function failureResponse(c: Context, error: unknown, log: Log): Promise<Response> {
  const { status, detail, headers } = repeatable(answerTo(c, error, log));
  const type = typeOf(c.req.raw.headers) ?? "json";
  const code = GRPC_CODES[status];
  const body =
    type === "json"
      ? JSON.stringify({ code, message: detail })
      : (await import("./protobuf.ts")).numberAndText(code, detail);
  return respond(c, type, status, body, headers);
}

/** The code that gRPC has for what happened; clients only show it. */
const GRPC_CODES: Readonly<Record<ErrorAnswer["status"], number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  408: 4,
  409: 9,
  413: 3,
  415: 3,
  422: 3,
  429: 8,
  500: 13,
  501: 12,
  502: 14,
  503: 14,
  507: 8,
};

/** What is worth sending again although its usual status would not say so: after how long, and what to say instead. */
const REPEATABLE: Partial<
  Readonly<Record<ErrorAnswer["code"], { readonly afterS: number; readonly detail?: string }>>
> = {
  BODY_TOO_SLOW: { afterS: 1 },
  COMMIT_OUTCOME_UNKNOWN: {
    afterS: 1,
    detail: "it is not known whether the records were stored; send them again",
  },
  STORAGE_FULL: { afterS: 30 },
};

function repeatable(answer: ErrorAnswer): ErrorAnswer {
  const { afterS, detail = answer.detail } = REPEATABLE[answer.code] ?? {};
  if (afterS === undefined) return answer;
  return { ...answer, status: 503, detail, headers: { ...answer.headers, "retry-after": String(afterS) } };
}

function respond(
  c: Context,
  type: OtlpType,
  status: 200 | ErrorAnswer["status"],
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(body, status, { ...headers, "content-type": MEDIA_TYPES[type] });
}

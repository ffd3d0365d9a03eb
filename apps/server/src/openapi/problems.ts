/** The answers that are not a success: each stands once among the document's components, and operations refer to it. */
import type { ErrorCode } from "@telepool/core";
import { resolver } from "hono-openapi";
import * as v from "valibot";
import type { HttpErrorCode } from "../http/http-error.ts";
import { ANSWERS } from "../http/problem.ts";
import { named, text, whole } from "./values.ts";

/** Written as a record, so that the type checker misses none. */
const HTTP_CODES: Readonly<Record<HttpErrorCode, true>> = {
  ALL_REJECTED: true,
  BODY_INCOMPLETE: true,
  BODY_TOO_LARGE: true,
  BODY_TOO_SLOW: true,
  FORBIDDEN: true,
  INTERNAL: true,
  INVALID_ENCODING: true,
  INVALID_JSON: true,
  INVALID_PROTOBUF: true,
  METHOD_NOT_ALLOWED: true,
  NOT_FOUND: true,
  RATE_LIMITED: true,
  TOO_MANY_REQUESTS_UNDER_WAY: true,
  UNAUTHORIZED: true,
  UNSUPPORTED_MEDIA_TYPE: true,
};

const code = named(
  "ErrorCode",
  // Both are records over all codes of their kind; Object.keys forgets it.
  v.picklist([...Object.keys(ANSWERS), ...Object.keys(HTTP_CODES)].sort() as (ErrorCode | HttpErrorCode)[]),
  { description: "What went wrong, to branch on; a later version may know more" },
);

/** A line of a body that was not stored. */
export const lineError: v.GenericSchema = named(
  "LineError",
  v.object({
    line: v.pipe(whole, v.description("Counted from 1")),
    code,
    detail: text,
    field: v.exactOptional(v.pipe(text, v.description("The path of the offending value within the line"))),
  }),
);

const partCount = v.exactOptional(v.pipe(whole, v.description("Of a body of lines that was stored in part")));

const problem = named(
  "Problem",
  v.object({
    type: v.literal("about:blank"),
    title: v.pipe(text, v.description("What the status means")),
    status: whole,
    detail: v.pipe(text, v.description("What is wrong, for people")),
    code,
    field: v.exactOptional(v.pipe(text, v.description("The path of the offending input: member, [3].profile.x"))),
    request_id: v.pipe(text, v.description("What the server's log has this request under")),
    accepted: partCount,
    duplicate: partCount,
    rejected: partCount,
    errors: v.exactOptional(v.array(lineError)),
    errors_omitted: partCount,
  }),
  {
    description: "An error (RFC 9457)",
    examples: [
      {
        type: "about:blank",
        title: "Bad Request",
        status: 400,
        detail: "member must not be empty",
        code: "INVALID_ARGUMENT",
        field: "member",
        request_id: "01a01f2e-7d3c-7a4b-9c1d-0f6b2d3c4e5f",
      },
    ],
  },
);

interface ProblemAnswer {
  readonly name: string;
  readonly description: string;
  /** Whether the answer says when to come back. */
  readonly isPassing?: true;
}

/** The statuses that an operation can name; any other is told by `default`. */
export type ProblemStatus = 400 | 401 | 403 | 404 | 408 | 409 | 413 | 415 | 422 | 429 | 501 | 502 | 503 | 507;

const PROBLEMS: Readonly<Record<ProblemStatus | "default", ProblemAnswer>> = {
  400: { name: "BadRequest", description: "The request is wrong; `field` says where" },
  401: { name: "Unauthorized", description: "No token was sent, or one that is not known" },
  403: { name: "Forbidden", description: "The token does not have the scope" },
  404: { name: "NotFound", description: "There is no such row" },
  408: { name: "RequestTimeout", description: "The body came too slowly" },
  409: { name: "Conflict", description: "Somebody has to decide, such as which process copies the database" },
  413: { name: "ContentTooLarge", description: "The body is too large" },
  415: { name: "UnsupportedMediaType", description: "The body's type or encoding is not understood" },
  422: { name: "UnprocessableContent", description: "Nothing could be stored: each row was refused" },
  429: {
    name: "TooManyRequests",
    description: "The token has made too many requests; see `retry-after`",
    isPassing: true,
  },
  501: { name: "NotImplemented", description: "Not configured" },
  502: {
    name: "BadGateway",
    description: "The bucket of the copy, or what it was set up with, is at fault; `field` names the setting",
  },
  503: {
    name: "ServiceUnavailable",
    description: "Overloaded, shutting down, or without its database or bucket; see `retry-after`",
    isPassing: true,
  },
  507: { name: "InsufficientStorage", description: "The server's disk is full" },
  default: { name: "Failure", description: "Any other failure, such as 500 when the server is at fault" },
};

/** A reference to the answer with this status. */
export function problemRef(status: ProblemStatus | "default"): { $ref: string } {
  return { $ref: `#/components/responses/${PROBLEMS[status].name}` };
}

interface ProblemResponse {
  description: string;
  headers?: Record<string, { description: string; schema: { type: "integer" } }>;
  content: Record<string, { schema: ReturnType<typeof resolver> }>;
}

/** What the references refer to. */
export function problemResponses(): Record<string, ProblemResponse> {
  return Object.fromEntries(
    Object.values(PROBLEMS).map(({ name, description, isPassing }) => [
      name,
      {
        description,
        ...(isPassing ? { headers: { "retry-after": RETRY_AFTER } } : {}),
        content: { "application/problem+json": { schema: resolver(problem) } },
      },
    ]),
  );
}

const RETRY_AFTER = { description: "How many seconds to wait", schema: { type: "integer" as const } };

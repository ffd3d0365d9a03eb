/** What is wrong with a request as HTTP, before the store has a say. */

/** Codes beside those of core's `TelepoolError` that a problem can carry. */
export type HttpErrorCode =
  | "ALL_REJECTED"
  | "BODY_INCOMPLETE"
  | "BODY_TOO_LARGE"
  | "BODY_TOO_SLOW"
  | "FORBIDDEN"
  | "INTERNAL"
  | "INVALID_ENCODING"
  | "INVALID_JSON"
  | "INVALID_PROTOBUF"
  | "METHOD_NOT_ALLOWED"
  | "NOT_FOUND"
  | "RATE_LIMITED"
  | "TOO_MANY_REQUESTS_UNDER_WAY"
  | "UNAUTHORIZED"
  | "UNSUPPORTED_MEDIA_TYPE";

/** A request that is answered with this status; the message is shown to the client. */
export class HttpError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 422 | 429 | 502 | 503;
  readonly code: HttpErrorCode | "PERMISSION_DENIED" | "QUEUE_FULL";
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the problem, such as how much was stored. */
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    status: HttpError["status"],
    code: HttpError["code"],
    message: string,
    headers: Readonly<Record<string, string>> = {},
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.extensions = extensions;
  }
}

/** What is wrong with a request as HTTP, before the store has a say. */

/** Codes beside those of core's `TelepoolError` that a problem can carry. */
export type HttpErrorCode =
  | "BODY_INCOMPLETE"
  | "BODY_TOO_LARGE"
  | "INTERNAL"
  | "INVALID_JSON"
  | "METHOD_NOT_ALLOWED"
  | "NOT_FOUND"
  | "UNSUPPORTED_MEDIA_TYPE";

/** A request that is answered with this status; the message is shown to the client. */
export class HttpError extends Error {
  readonly status: 400 | 404 | 405 | 413 | 415 | 503;
  readonly code: HttpErrorCode | "QUEUE_FULL";
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: HttpError["status"],
    code: HttpError["code"],
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

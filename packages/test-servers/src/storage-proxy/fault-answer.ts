/** The answers that a proxy gives by itself, as S3 writes them. */
import type { AnswerFault } from "./fault.ts";

const CODES: Readonly<Record<number, string>> = {
  403: "AccessDenied",
  404: "NoSuchKey",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
};

/** The headers and the body of an answer. */
export function faultAnswer(fault: AnswerFault): { headers: Record<string, string>; body: string } {
  const code = fault.code ?? CODES[fault.status] ?? "UnknownError";
  const message = fault.message ?? "the test's proxy answers so";
  const error = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { headers: { "content-type": "application/xml", ...fault.headers }, body: fault.body ?? error };
}

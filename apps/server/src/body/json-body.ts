/**
 * A body as JSON. Only what is said to be JSON is taken: that is also what keeps other sites' pages out, for a browser
 * sends such a type across origins only after asking, and nobody answers unless CORS is configured.
 */
import type { Context } from "hono";
import type { RouteDeps } from "../app-deps.ts";
import { HttpError } from "../http/http-error.ts";
import type { BodyShare } from "./body-budget.ts";
import { readWhole } from "./whole-body.ts";

/** What a body is said to be. */
export type BodyType = "json" | "ndjson";

const TYPES: Readonly<Record<string, BodyType>> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};
const CHARSET = /^charset\s*=\s*"?utf-?8"?$/i;
/** `fatal`: damaged text is refused, not stored with replacement characters. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** @throws HttpError 415 `UNSUPPORTED_MEDIA_TYPE` */
export function bodyType(headers: Headers): BodyType {
  const given = headers.get("content-type") ?? "";
  if (given === "application/json") return "json";
  const [name = "", ...parameters] = given.split(";").map((part) => part.trim());
  const type = TYPES[name.toLowerCase()];
  if (type !== undefined && parameters.every((parameter) => parameter === "" || CHARSET.test(parameter))) return type;
  const what = "the body must be sent as content-type: application/json, or application/x-ndjson for lines of JSON";
  throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", what);
}

/**
 * Reads the body and parses it.
 *
 * @throws HttpError with 400, 408, 413, 415 or 503
 */
export async function readJson(c: Context, limits: RouteDeps["limits"], share: BodyShare): Promise<unknown> {
  return parseJson(await readWhole(c, limits, share));
}

/** @throws HttpError 400 `INVALID_JSON` */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    const what = bytes.length === 0 ? "the body is empty" : "the body is not valid JSON in UTF-8";
    throw new HttpError(400, "INVALID_JSON", what);
  }
}

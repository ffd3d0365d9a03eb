/**
 * Reads a request's body as JSON, within a limit that holds whatever the headers say.
 *
 * Only `application/json` is taken. That is also what keeps other sites' pages out: a browser sends this type across
 * origins only after asking, and nobody answers.
 */
import type { Context } from "hono";
import type { BodyShare } from "./body-budget.ts";
import { HttpError } from "./http-error.ts";

/** The largest body, in bytes as they are on the wire. */
export const MAX_BODY_BYTES: number = 16 * 1024 * 1024;

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;
/** `fatal`: damaged text is refused, not stored with replacement characters. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Takes the body's bytes from `share`, all of them before reading where the client says how many there are.
 *
 * @throws HttpError with 400, 413, 415 or 503
 */
export async function readJson(c: Context, maxBytes: number, share: BodyShare): Promise<unknown> {
  const { headers } = c.req.raw;
  checkType(headers);
  const length = headers.get("content-length");
  // hono/body-limit would make a stream of every body, which costs more than parsing a profile.
  if (length === null || !/^\d+$/.test(length)) return parse(await readCounted(c.req.raw, maxBytes, share));
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  share.take(Number(length));
  return parse(await readWhole(c.req.raw));
}

function checkType(headers: Headers): void {
  const type = headers.get("content-type");
  if (type !== "application/json" && !JSON_TYPE.test(type ?? "")) {
    throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be sent as content-type: application/json");
  }
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "the body must be sent without a content-encoding", {
      "accept-encoding": "identity",
    });
  }
}

async function readWhole(request: Request): Promise<Uint8Array> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    throw incomplete();
  }
}

/** A body of unknown length, up to the limit. */
async function readCounted(request: Request, maxBytes: number, share: BodyShare): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      share.take(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof HttpError ? error : incomplete();
  }
  return Buffer.concat(chunks, size);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    const what = bytes.length === 0 ? "the body is empty" : "the body is not valid JSON in UTF-8";
    throw new HttpError(400, "INVALID_JSON", what);
  }
}

/** Without `connection: close` the rest of the body would have to be read. */
function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, "BODY_TOO_LARGE", `the body has more than ${maxBytes} bytes`, { connection: "close" });
}

function incomplete(): HttpError {
  return new HttpError(400, "BODY_INCOMPLETE", "the connection ended before the body did");
}

/** A request's body as a whole, within a limit that holds whatever the headers say, before and after decompression. */
import type { Context } from "hono";
import type { RouteDeps } from "../app-deps.ts";
import { holdConnection } from "../http/hold-connection.ts";
import { HttpError } from "../http/http-error.ts";
import type { BodyShare } from "./body-budget.ts";
import { bodyBytes, encodingOf, incomplete } from "./body-bytes.ts";

/** A body of this size is read at once; it has Bun's idle timeout to arrive. */
const SMALL_BYTES = 1024 * 1024;

/**
 * Reads the body; takes its bytes from `share`, all of them before reading where the client says how many there are.
 *
 * @throws HttpError with 400, 408, 413, 415 or 503
 */
export async function readWhole(
  c: Context,
  { maxBodyBytes, idleMs, requestTimeoutS }: RouteDeps["limits"],
  share: BodyShare,
): Promise<Uint8Array> {
  const request = c.req.raw;
  const length = request.headers.get("content-length");
  const known = length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
  if (known !== undefined && known > maxBodyBytes) throw tooLarge(maxBodyBytes);
  // hono/body-limit would make a stream of every body, which costs more than parsing a profile.
  if (known === undefined || known > SMALL_BYTES || encodingOf(request.headers) !== "identity") {
    const release = holdConnection(c);
    try {
      return await readCounted(request, maxBodyBytes, idleMs, share);
    } finally {
      release(requestTimeoutS);
    }
  }
  share.take(known);
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    throw incomplete();
  }
}

/** A body piece by piece, up to the limit. */
async function readCounted(request: Request, maxBytes: number, idleMs: number, share: BodyShare): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyBytes(request, { idleMs })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    share.take(chunk.length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Without `connection: close` the rest of the body would have to be read. */
function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, "BODY_TOO_LARGE", `the body has more than ${maxBytes} bytes`, { connection: "close" });
}

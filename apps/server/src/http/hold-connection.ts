/**
 * Takes a request out of Bun's idle timeout, which counts from the request's head and starts anew neither while a body
 * arrives nor while an answer is written: uploads, exports and tails would be cut off after that time, however busy they
 * are. From then on others have the eye on them: body/body-bytes.ts and http/watched-stream.ts.
 */
import type { Context } from "hono";
import type { StreamEnd } from "./watched-stream.ts";

/** The part of Bun's server that is called; it is the app's `env` when Bun serves it. */
interface TimeoutSetter {
  timeout(request: Request, seconds: number): void;
}

/** Lets a request take as long as it needs; what is returned gives its connection so many seconds from then on. */
export function holdConnection(c: Context): (seconds: number) => void {
  const server: Partial<TimeoutSetter> | undefined = c.env;
  const request = c.req.raw;
  server?.timeout?.(request, 0);
  return (seconds) => server?.timeout?.(request, seconds);
}

/** How long a reader may take for what it was sent last, in seconds; Bun's longest. */
const LAST_BYTES_S = 255;
/** Bun looks at its timeouts every 4 s, so this is soon. */
const SOON_S = 1;

/**
 * The same for an answer that is a stream, until it has ended. A reader that takes nothing would otherwise keep its connection,
 * and the server from ending, for ever.
 */
export function holdForStream(c: Context): (end: StreamEnd) => void {
  const release = holdConnection(c);
  return (end) => {
    if (end !== "gone") release(end === "done" ? LAST_BYTES_S : SOON_S);
  };
}

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

/** How long a reader may take for what it was sent last, in seconds; Bun's longest. */
const LAST_BYTES_S = 255;
/** Bun looks at its timeouts every 4 s, so this is soon. */
const SOON_S = 1;

/** Lets a request take as long as it needs; what is returned sets the end of its connection, once its answer has ended. */
export function holdConnection(c: Context): (end: StreamEnd) => void {
  const server: Partial<TimeoutSetter> | undefined = c.env;
  const request = c.req.raw;
  server?.timeout?.(request, 0);
  return (end) => {
    // A reader that takes nothing would otherwise keep its connection, and the server from ending, for ever.
    if (end !== "gone") server?.timeout?.(request, end === "done" ? LAST_BYTES_S : SOON_S);
  };
}

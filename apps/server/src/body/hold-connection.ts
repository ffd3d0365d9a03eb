/**
 * Takes a request out of Bun's idle timeout, which counts from the request's head and does not start anew while a body
 * arrives: an upload would be cut off after that time however fast it is. From then on body-bytes.ts has the eye on it.
 */
import type { Context } from "hono";

/** The part of Bun's server that is called; it is the app's `env` when Bun serves it. */
interface TimeoutSetter {
  timeout(request: Request, seconds: number): void;
}

/** Lets a request take as long as it needs. */
export function holdConnection(c: Context): void {
  const server: Partial<TimeoutSetter> | undefined = c.env;
  server?.timeout?.(c.req.raw, 0);
}

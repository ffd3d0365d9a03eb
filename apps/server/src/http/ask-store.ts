/** Asks the store for something, for as long as the client waits for it and the server allows. */
import { isTelepoolError, type ReadOptions, TelepoolError } from "@telepool/core";
import type { Context } from "hono";
import { timingOf } from "../observability/server-timing.ts";

/**
 * @param timeoutMs how long the store may take
 * @throws TelepoolError `STATEMENT_TIMEOUT` when it took longer, or what the store said
 */
export async function askStore<T>(
  c: Context,
  timeoutMs: number,
  ask: (options: ReadOptions) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await ask({ signal: AbortSignal.any([c.req.raw.signal, deadline]), timing: timingOf(c) });
  } catch (error) {
    if (!deadline.aborted || !isTelepoolError(error, "ABORTED")) throw error;
    throw new TelepoolError("STATEMENT_TIMEOUT", `the query took more than ${timeoutMs} ms`, { cause: error });
  }
}

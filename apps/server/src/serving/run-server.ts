/**
 * A process that is a server: serves until it is told to stop, ends in order, and has an exit code for every end:
 * 0 after an orderly one, 1 for an error, 2 for wrong settings, 3 when the database cannot be used.
 */
import { isTelepoolError } from "@telepool/core";
import { type RunningServer, serve } from "./serve.ts";
import type { ServeOptions } from "./serve-options.ts";

const CLOSE_TIMEOUT_MS = 10_000;

/**
 * Serves until SIGTERM or SIGINT, then closes the server; rejects as `serve` and `RunningServer.close` do. A second
 * signal, or an end that takes over 10 s, ends the process at once with 1.
 */
export async function runServer(options: ServeOptions): Promise<void> {
  const server = await serve(options);
  await signalled();
  await shutDown(server);
}

/**
 * Closes the server of a process that is about to end; rejects as `RunningServer.close` does. An end that takes over
 * 10 s, whatever holds it up, ends the process with 1.
 */
export async function shutDown(server: RunningServer): Promise<void> {
  const deadline = setTimeout(() => process.exit(1), CLOSE_TIMEOUT_MS);
  try {
    await server.close({ timeoutMs: CLOSE_TIMEOUT_MS });
  } finally {
    clearTimeout(deadline);
  }
}

/** The exit code that goes with an error of `runServer`. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 {
  if (!isTelepoolError(error)) return 1;
  switch (error.code) {
    case "INVALID_ARGUMENT":
    case "INVALID_OPTION":
      return 2;
    case "CLOSE_TIMEOUT":
      return 1;
    default:
      return 3;
  }
}

/** Resolves at the first signal; the handlers stay, so that the second does not meet the default ones. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let received = false;
    const onSignal = (): void => {
      if (received) process.exit(1);
      received = true;
      resolve();
    };
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  });
}

/** The environment: the only file that knows its variables. An empty one counts as absent. */
import { TelepoolError } from "@telepool/core";
import type { ServeOptions } from "./serve-options.ts";

/**
 * The server's options as the environment has them.
 *
 * @throws TelepoolError `INVALID_OPTION`, with the variable as `field`
 */
export function readEnv(env: Readonly<Record<string, string | undefined>>): ServeOptions {
  const { TELEPOOL_DB_URL, TELEPOOL_HOST, TELEPOOL_PORT } = env;
  return {
    ...(TELEPOOL_DB_URL ? { dbUrl: TELEPOOL_DB_URL } : {}),
    ...(TELEPOOL_HOST ? { host: TELEPOOL_HOST } : {}),
    ...(TELEPOOL_PORT ? { port: parsePort(TELEPOOL_PORT) } : {}),
  };
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new TelepoolError("INVALID_OPTION", `TELEPOOL_PORT must be a whole number from 0 to 65535 (got ${text})`, {
    field: "TELEPOOL_PORT",
  });
}

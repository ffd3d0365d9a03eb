/**
 * Ports for servers that are stopped and started again. They lie below those that Linux and macOS give to outgoing
 * connections: so nobody takes the port of a stopped server, and no client that knocks at it reaches itself.
 */
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** The address at which everything of this package listens. */
export const HOST = "127.0.0.1";

/** A port at which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error(`100 ports between ${FIRST_PORT} and ${LAST_PORT} were tried, and all are taken`);
}

export function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen({ host: HOST, port }, () => probe.close(() => resolve(true)));
  });
}

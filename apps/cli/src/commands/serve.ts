/** `telepool serve`: the HTTP server, until it is told to stop. */
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { wholeNumber } from "../option-values.ts";

interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
}

const NOTES = `
Ctrl-C or SIGTERM stops it in order: requests under way are answered and everything acknowledged is stored; a second one
stops it at once, as do 10 seconds. An orderly end is 0, not 130 or 143. There is no authentication yet: keep it on this
machine, or behind something that has one.

Examples:
  $ telepool serve
  $ telepool serve --port 0 --json
  $ curl "http://localhost:8081/pool-query?member=batch"`;

const parsePort = wholeNumber(0, 65_535);

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .summary("serve the store over HTTP")
    .description("Serve the store over HTTP.")
    .option("--host <address>", "where to listen (default: 127.0.0.1, which only this machine reaches)")
    .option("--port <port>", "the port, 0 for any that is free (default: 8081)", parsePort)
    .addHelpText("after", NOTES)
    .action((flags: ServeFlags) => serveUntilStopped(context, flags));
}

async function serveUntilStopped(context: CommandContext, flags: ServeFlags): Promise<void> {
  const { output, signal, databaseUrl: dbUrl } = context;
  const host = flags.host ?? context.env.host;
  const port = flags.port ?? portOf(context.env.port);
  const { serve, shutDown } = await import("@telepool/server");
  const server = await serve({
    dbUrl,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  });
  try {
    const { url, database } = server;
    await output.result({ url, host: server.host, port: server.port, database }, () => {
      return `telepool listens on ${url} (${database})\n`;
    });
    await aborted(signal);
  } finally {
    await shutDown(server);
  }
}

/** Resolves when the signal has fired. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

function portOf(text: string | undefined): number | undefined {
  try {
    return text === undefined ? undefined : parsePort(text);
  } catch {
    throw new CliError("USAGE", "TELEPOOL_PORT must be a whole number from 0 to 65535");
  }
}

/** `telepool serve`: the HTTP server, until it is told to stop. */
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { wholeNumber } from "../option-values.ts";

interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly tokensFile?: string;
  readonly insecureNoAuth?: true;
  readonly corsOrigins?: string[];
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
}

const NOTES = `
Other settings come from the environment: docs/operations.md lists them. Tokens stand in TELEPOOL_TOKENS or in a file,
never in a flag; without any, only this machine is served.

Ctrl-C or SIGTERM stops it in order: requests under way are answered and everything acknowledged is stored; a second one
stops it at once, as do 10 seconds. An orderly end is 0, not 130 or 143.

Examples:
  $ telepool serve
  $ telepool serve --port 0 --json
  $ TELEPOOL_TOKENS="ingest:$INGEST_TOKEN,read:$READ_TOKEN" telepool serve --host 0.0.0.0
  $ curl "http://localhost:8081/pool-query?member=batch"`;

/** How reluctant Bun's compiler is until the server listens: the server's lean-start.ts, before that can be loaded. */
const RELUCTANT = 1000;

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .summary("serve the store over HTTP")
    .description("Serve the store over HTTP.")
    .option("--host <address>", "where to listen (default: 127.0.0.1, which only this machine reaches)")
    .option("--port <port>", "the port, 0 for any that is free (default: 8081)", wholeNumber(0, 65_535))
    .option("--tokens-file <file>", "who may do what, as JSON")
    .option("--insecure-no-auth", "let other machines in without a token")
    .option("--cors-origins <origin...>", "origins whose pages may call the server")
    .addOption(
      new Option("--log-level <level>", "how much is logged to stderr (default: info)").choices([
        "debug",
        "info",
        "warn",
        "error",
        "silent",
      ]),
    )
    .addHelpText("after", NOTES)
    .action((flags: ServeFlags) => serveUntilStopped(context, flags));
}

async function serveUntilStopped(context: CommandContext, flags: ServeFlags): Promise<void> {
  const { output, signal, databaseUrl: dbUrl } = context;
  Bun.unsafe.setJITPolicy(RELUCTANT);
  const { endLeanStart, readEnv, serve, shutDown } = await import("@telepool/server");
  const server = await serve({ ...readEnv(context.env.variables), ...flags, dbUrl });
  endLeanStart();
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

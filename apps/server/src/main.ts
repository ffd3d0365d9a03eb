/** The server as a process, set up by its environment. */
import { readEnv } from "./env.ts";
import { exitCodeOf, runServer } from "./serving/run-server.ts";

try {
  await runServer({
    ...readEnv(process.env),
    onListening: ({ url, database }) => console.log(`telepool listens on ${url} (${database})`),
  });
  process.exit(0);
} catch (error) {
  console.error(`telepool: ${error instanceof Error ? error.message : "the server failed"}`);
  process.exit(exitCodeOf(error));
}

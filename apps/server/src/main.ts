/** The server as a process, set up by its environment. */
import { beginLeanStart, endLeanStart } from "./serving/lean-start.ts";

beginLeanStart();
// Loaded only now: a static import would come before the line above.
const [{ TelepoolError }, { inVariables, readEnv }, { exitCodeOf, runServer }] = await Promise.all([
  import("@telepool/core"),
  import("./env.ts"),
  import("./serving/run-server.ts"),
]);

const [argument] = import.meta.main ? process.argv.slice(2) : []; // those of `telepool serve` are the command line's

try {
  if (argument !== undefined) {
    const text = `${argument} is not known: settings are environment variables, such as TELEPOOL_PORT; telepool serve has flags`;
    throw new TelepoolError("INVALID_OPTION", text);
  }
  await runServer({
    ...readEnv(process.env),
    onListening: ({ url, database }) => {
      endLeanStart();
      console.log(`telepool listens on ${url} (${database})`);
    },
  });
  process.exit(0);
} catch (error) {
  console.error(`telepool: ${error instanceof Error ? inVariables(error.message) : "the server failed"}`);
  process.exit(exitCodeOf(error));
}

/** The server as a process, set up by its environment. */
import { beginLeanStart, endLeanStart } from "./serving/lean-start.ts";

beginLeanStart();
// Loaded only now: a static import would come before the line above.
const [{ readEnv }, { exitCodeOf, runServer }] = await Promise.all([
  import("./env.ts"),
  import("./serving/run-server.ts"),
]);

try {
  await runServer({
    ...readEnv(process.env),
    onListening: ({ url, database }) => {
      endLeanStart();
      console.log(`telepool listens on ${url} (${database})`);
    },
  });
  process.exit(0);
} catch (error) {
  console.error(`telepool: ${error instanceof Error ? error.message : "the server failed"}`);
  process.exit(exitCodeOf(error));
}

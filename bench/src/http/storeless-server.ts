/** The server over a store that keeps nothing, as a process: `checking` or `queueing` is its argument. */
import { runServer } from "@telepool/server";
import { CheckingStore, droppingStore } from "./storeless-stores.ts";

await runServer({
  store: process.argv[2] === "queueing" ? droppingStore() : new CheckingStore(),
  port: 0,
  onListening: ({ url }) => console.log(`listens on ${url}`),
});
process.exit(0);

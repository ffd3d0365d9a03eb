/**
 * The first version's script under its old name: `bun run scripts/pool-telemetry.ts <command>` is the program
 * `telepool`, and a program that imported the pool from this file still finds it here.
 */
import { main } from "@telepool/cli";

export { juniorProfilePooled } from "@telepool/cli";
export { TelemetryPool } from "@telepool/core";

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

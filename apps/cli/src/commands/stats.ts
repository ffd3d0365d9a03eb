/** `telepool stats`: the pool's counters, in the shape of the original brief, and what is in the database. */
import { existsSync } from "node:fs";
import type { TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { type DatabaseSize, measureDatabase } from "../database-size.ts";
import { databaseFile, withReadOnlyStore, withStore } from "../open-store.ts";
import { showSize } from "../size-expression.ts";
import { pairs } from "../table.ts";

const NOTES = `
The counters are those of this run: a pool lives in a program. The counters of a running server are at its /pool-stats.
JSON is printed with --json and whenever stdout is not a terminal. Where there is no database yet, everything is zero
and none is created.

Examples:
  $ telepool stats
  $ telepool stats --json | jq .database.profiles`;

const EMPTY: DatabaseSize = { exists: false, profiles: 0, sessions: 0, bytes: 0 };

export function addStatsCommand(program: Command, context: CommandContext): void {
  program
    .command("stats")
    .summary("show the counters of the pool, and the size of the database")
    .description("Show the counters of the pool, and how much is in the database.")
    .addHelpText("after", NOTES)
    .action(() => showStats(context));
}

async function showStats(context: CommandContext): Promise<void> {
  const { output, signal, databaseUrl } = context;
  const file = await databaseFile(databaseUrl);
  const measure = async (store: TelemetryPool) => {
    await store.open();
    const stats = store.stats(); // before our own counting counts as well
    return { stats, database: await measureDatabase(store, file, signal) };
  };
  const { stats, database } =
    file === undefined || existsSync(file)
      ? await withReadOnlyStore(context, measure, {})
      : await withStore(context, async (unopened) => ({ stats: unopened.stats(), database: EMPTY }), {});
  const json = { ...stats, database };
  if (!output.isTerminal) return await output.write(`${JSON.stringify(json, null, 2)}\n`);
  await output.result(json, () =>
    pairs([
      ["connections", `${stats.poolSize} of at most ${stats.maxPoolSize}`],
      ["hits", `${stats.stats.hits} (${stats.hitRate})`],
      ["misses", stats.stats.misses],
      ["operations", stats.stats.totalOperations],
      ["average latency", `${stats.stats.avgLatency.toFixed(2)} ms`],
      ["profiles", database.profiles],
      ["sessions", database.sessions],
      ["size", database.exists ? (database.bytes === null ? "unknown" : showSize(database.bytes)) : "no database yet"],
    ]),
  );
}

/** The tree of commands with the options that all of them share. Commands load what they need when they run. */
import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addBatchCommand } from "./commands/batch.ts";
import { addCopyCommand } from "./commands/copy.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExportCommand } from "./commands/export.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInsertCommand } from "./commands/insert.ts";
import { addProfileCommand } from "./commands/profile.ts";
import { addPruneCommand } from "./commands/prune.ts";
import { addQueryCommand } from "./commands/query.ts";
import { addRestoreCommand } from "./commands/restore.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addStatsCommand } from "./commands/stats.ts";
import { addSyncCommand } from "./commands/sync.ts";
import { type CommandContext, DEFAULT_DATABASE_URL } from "./context.ts";

const NOTES = `
Environment:
  TELEPOOL_DB_URL  the database, unless --db names one; an .env file in the current folder may set it
  TELEPOOL_HOST, TELEPOOL_PORT  where serve listens, unless --host and --port say so
  TELEPOOL_R2_BUCKET and others  where sync puts the copy; telepool sync --help tells more
  TELEPOOL_TOKENS  who may do what at serve; docs/operations.md has the server's other settings
  NO_COLOR         no colours

Exit codes:
  0 ok   1 error   2 wrong usage or input   3 no usable database, bucket or copy   4 done in part
  6 doctor or sync status found something
  130 interrupted by Ctrl-C   143 ended by SIGTERM   (serve and sync --watch, which either of them ends in order, end with 0)

Examples:
  $ telepool insert '{"test":1,"latency":2.5}'
  $ telepool profile docs --member nolarose
  $ telepool query nolarose --json
  $ telepool export --from 7d > week.ndjson
  $ telepool copy --from sqlite://./telepool.db --to sqlite://./copy.db
  $ telepool sync --watch`;

/** The program, ready to parse a command line. It throws `CommanderError` instead of ending the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("telepool")
    .description("The telemetry store: insert, import, query, export, copy and serve profiles.")
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .option("--db <url>", `the database: a URL such as ${DEFAULT_DATABASE_URL}, which is the default`)
    .option("--json", "results and errors as JSON")
    .option("-q, --quiet", "no messages beside the result, except errors")
    .addHelpText("after", NOTES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} }) // what is thrown is reported once, with all other errors
    .exitOverride()
    .hook("preAction", () => context.use(program.opts()));
  addInsertCommand(program, context);
  addBatchCommand(program, context);
  addImportCommand(program, context);
  addExportCommand(program, context);
  addCopyCommand(program, context);
  addSyncCommand(program, context);
  addRestoreCommand(program, context);
  addQueryCommand(program, context);
  addStatsCommand(program, context);
  addProfileCommand(program, context);
  addPruneCommand(program, context);
  addDoctorCommand(program, context);
  addServeCommand(program, context);
  return program;
}

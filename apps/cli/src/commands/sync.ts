/** `telepool sync` and its subcommands: the copy of the store in R2. What they do is loaded when they run. */
import { type Command, Option } from "commander";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { duration } from "../option-values.ts";
import { BUCKET_NOTES, type BucketFlags, withBucketFlags } from "../sync/bucket-flags.ts";
import type { OffFlags } from "../sync/end-sync.ts";
import type { VerifyFlags } from "../sync/verify.ts";

interface SyncFlags extends BucketFlags {
  readonly once?: true;
  readonly watch?: true;
  readonly interval?: number;
  readonly newCopy?: true;
}

const NOTES = `
The first sync has the database note its changes, and copies all rows; every later one copies what has changed, whichever program
changed it. What is committed when it begins is in the bucket when it ends. --watch goes on until Ctrl-C or SIGTERM, which have what
is left copied, and end it with 0; it prints a line when something changes, such as an error or its end.

--new-copy is for a database whose copy was lost or goes on elsewhere: after a restore of an older file, or a move of the bucket.
${BUCKET_NOTES}

Examples:
  $ telepool sync
  $ telepool sync --watch --interval 5s
  $ telepool sync --bucket telemetry --account-id 0123456789abcdef0123456789abcdef --prefix production
  $ telepool sync status --json`;

export function addSyncCommand(program: Command, context: CommandContext): void {
  const sync = withBucketFlags(program.command("sync"))
    .summary("copy the store to Cloudflare R2")
    .description("Copy everything that is committed to Cloudflare R2, and look after the copy.")
    .addHelpText("after", NOTES)
    .allowExcessArguments() // which the action explains
    .action((flags: SyncFlags, command: Command) => copy(context, flags, command.args));
  const everywhere = [...program.options, ...sync.options];
  sync
    .addOption(new Option("--once", "copy what is there, then end (the default)").conflicts("watch"))
    .addOption(new Option("--watch", "go on copying until Ctrl-C or SIGTERM").conflicts("newCopy"))
    .option("--interval <duration>", "how often, with --watch (default: TELEPOOL_R2_INTERVAL_S, else 10s)", duration)
    .option("--new-copy", "leave the copy as it is, and begin a new one beside it with all rows")
    .hook("preSubcommand", (_, sub) => refuseOwnFlags(sync.opts(), sub.name()));
  const add: Add = (name, summary, description) =>
    sync
      .command(name)
      .summary(summary)
      .description(description)
      .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: () => everywhere });
  addReading(add, context);
  addChanging(add, context);
}

/** The flags that say where the copies are hold for the subcommands, and may stand before or behind them; the others do not. */
function refuseOwnFlags({ once, watch, interval, newCopy }: SyncFlags, subcommand: string): void {
  if ([once, watch, interval, newCopy].every((flag) => flag === undefined)) return;
  throw new CliError("USAGE", `--once, --watch, --interval and --new-copy do not go with ${subcommand}`);
}

async function copy(context: CommandContext, flags: SyncFlags, rest: readonly string[]): Promise<void> {
  const { watch: goOn, interval, newCopy } = flags;
  if (rest.length > 0) {
    throw new CliError("USAGE", `unknown command 'sync ${rest[0]}'`, {
      hint: "telepool sync --help lists what there is",
    });
  }
  if (!goOn && interval !== undefined) throw new CliError("USAGE", "--interval says how often --watch copies");
  if (goOn) {
    const { watch } = await import("../sync/watch.ts");
    return await watch(context, flags, interval);
  }
  const { copyOnce } = await import("../sync/copy-once.ts");
  await copyOnce(context, flags, newCopy ? "new" : "same");
}

type Add = (name: string, summary: string, description: string) => Command;

const STATUS_NOTES = `
Changes neither the database nor the bucket, and works without a bucket. Ends with 6 if the bucket does not have what the database
says it has, or cannot be asked, if the last proof failed, or if a restore into the database broke off.

Examples:
  $ telepool sync status
  $ telepool sync status --json | jq .pendingChanges`;

const LIST_NOTES = `
Examples:
  $ telepool sync list
  $ telepool sync list --prefix production --json`;

const VERIFY_NOTES = `
  list      all objects are there, in one piece and in order
  get       each is read, and what it holds is what was put
  database  all changes are copied first, then each row is compared with the database: the default where that is at hand
  restore   all is restored into a scratch database, and compared
Ends with 4 if something is not as it should be; the first 100 findings are listed.

Examples:
  $ telepool sync verify
  $ telepool sync verify --offline --level restore
  $ telepool sync verify --source 01900000-0000-7000-8000-000000000000 --level list`;

/** The subcommands that look. */
function addReading(add: Add, context: CommandContext): void {
  add("status", "show how the copy stands", "Show what the database knows of its copy, and whether the bucket agrees.")
    .addHelpText("after", STATUS_NOTES)
    .action(async (_, command: Command) => {
      const { showStatus } = await import("../sync/status.ts");
      await showStatus(context, command.optsWithGlobals<BucketFlags>());
    });
  add("list", "list the copies in the bucket", "List the copies below the prefix, oldest first.")
    .addHelpText("after", LIST_NOTES)
    .action(async (_, command: Command) => {
      const { listCopies } = await import("../sync/list-copies.ts");
      await listCopies(context, command.optsWithGlobals<BucketFlags>());
    });
  add("verify", "look whether a copy is whole", "Look whether a copy is whole, and the same as its database.")
    .addOption(new Option("--level <level>", "how thoroughly").choices(["list", "get", "database", "restore"]))
    .option("--source <id>", "which copy, if not that of the database: telepool sync list")
    .option("--offline", "leave the database alone")
    .addHelpText("after", VERIFY_NOTES)
    .action(async (_, command: Command) => {
      const { verify } = await import("../sync/verify.ts");
      await verify(context, command.optsWithGlobals<VerifyFlags>());
    });
}

const PROVE_NOTES = `
Copies what is not copied, restores everything into a scratch database in the folder for temporary files, compares all rows with the
store, and notes what came of it. Ends with 4 if the copy did not come back as it should.

Examples:
  $ telepool sync prove`;

const CHECKPOINT_NOTES = `
A sync --watch writes checkpoints by itself; one more makes a restore faster. What is older than TELEPOOL_R2_KEEP_DAYS is deleted then.

Examples:
  $ telepool sync checkpoint`;

const OFF_NOTES = `
Removes the triggers and the tables that note changes for the copy. The copy in the bucket stays, and can be restored. A later sync
begins a new one, with all rows.

Examples:
  $ telepool sync off --yes`;

/** The subcommands that change something. */
function addChanging(add: Add, context: CommandContext): void {
  add("prove", "restore the copy to see whether it can be", "Restore the copy into a scratch database, and compare.")
    .addHelpText("after", PROVE_NOTES)
    .action(async (_, command: Command) => {
      const { prove } = await import("../sync/prove.ts");
      await prove(context, command.optsWithGlobals<BucketFlags>());
    });
  add("checkpoint", "copy all rows anew", "Copy all rows anew, and delete what is no longer to be kept.")
    .addHelpText("after", CHECKPOINT_NOTES)
    .action(async (_, command: Command) => {
      const { writeCheckpoint } = await import("../sync/write-checkpoint.ts");
      await writeCheckpoint(context, command.optsWithGlobals<BucketFlags>());
    });
  add("off", "stop noting changes for the copy", "Have the database note changes for its copy no more. The copy stays.")
    .option("--yes", "it is meant")
    .addHelpText("after", OFF_NOTES)
    .action(async (flags: OffFlags) => {
      const { endSync } = await import("../sync/end-sync.ts");
      await endSync(context, flags);
    });
}

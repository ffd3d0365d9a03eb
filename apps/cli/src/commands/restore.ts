/** `telepool restore`: a copy in R2 back into a database. */
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../context.ts";
import { BUCKET_NOTES, withBucketFlags } from "../sync/bucket-flags.ts";
import type { RestoreFlags } from "../sync/restore-copy.ts";
import { parseTimeExpression } from "../time-expression.ts";

const NOTES = `
Every object is checked before its rows are written. A restore that broke off goes on when the same command is run again, and
until it is finished the database says of itself that it is not whole. A database that holds rows is refused; with --replace all of
them are removed first. --db and TELEPOOL_DB_URL are not used.
${BUCKET_NOTES}

Examples:
  $ telepool restore --into sqlite://./restored.db
  $ telepool restore --into sqlite://./yesterday.db --to 24h
  $ telepool restore --into postgres://telepool@db.example.com/telemetry --source 01900000-0000-7000-8000-000000000000 --to 1200`;

export function addRestoreCommand(program: Command, context: CommandContext): void {
  withBucketFlags(program.command("restore"))
    .summary("bring a copy back from Cloudflare R2")
    .description("Bring a copy back from Cloudflare R2 into a database of any kind.")
    .requiredOption("--into <url>", "the database that it goes to; it is made if there is none")
    .option("--to <point>", "up to which object of the log, or to which time (default: all there is)", restorePoint)
    .option("--source <id>", "which copy, where there are several: telepool sync list")
    .option("--ignore-checkpoint <key...>", "take an older checkpoint, and more of the log, than this damaged one")
    .option("--replace", "remove all rows of the database first")
    .addHelpText("after", NOTES)
    .action(async (flags: RestoreFlags) => {
      const { restoreCopy } = await import("../sync/restore-copy.ts");
      await restoreCopy(context, flags);
    });
}

/** A number is one of an object; milliseconds since 1970 could not be told from it. */
function restorePoint(text: string): NonNullable<RestoreFlags["to"]> {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { sequence: Number(text) };
  const time = parseTimeExpression(text, Date.now());
  if (time !== undefined) return { time };
  throw new InvalidArgumentError(
    "It must be the number of an object, a date (2026-11-23), a date with a time (2026-11-23T18:30Z), or how long ago (24h, 7d).",
  );
}

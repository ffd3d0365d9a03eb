/** `telepool copy`: all rows of a database into another one, and the proof that they are there. */
import type { CopyDifference, CopyResult, TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type CommandContext, checkedUrl } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { readOnlyStoreAt, storeAt, useAndClose } from "../open-store.ts";
import { startProgress } from "../progress.ts";
import { pairs, table } from "../table.ts";

interface CopyFlags {
  readonly from: string;
  readonly to: string;
  readonly resume?: true;
}

/** Where a database is. */
interface Place {
  readonly driver: string;
  readonly location: string;
}

const NOTES = `
Both may be of any kind, and others may write to the first meanwhile; it is opened for reading only. Everything is written,
then read from both and compared. Rows that are not the same are listed, at most 100 of them, and the program ends with 4.
A copy that broke off goes on with --resume: what is there already is not written again. Without it, a database that holds
rows is refused. --db and TELEPOOL_DB_URL are not used.

Examples:
  $ telepool copy --from sqlite://./telepool.db --to sqlite://./copy.db
  $ telepool copy --from sqlite://./telepool.db --to postgres://telepool@db.example.com/telemetry --resume`;

export function addCopyCommand(program: Command, context: CommandContext): void {
  program
    .command("copy")
    .summary("copy a database into another one")
    .description("Copy all sessions, profiles and events of a database into another one, and compare both.")
    .requiredOption("--from <url>", "the database that is copied")
    .requiredOption("--to <url>", "the database that they go to; it is made if there is none")
    .option("--resume", "go on with a copy that broke off")
    .addHelpText("after", NOTES)
    .action((flags: CopyFlags) => copy(context, flags));
}

async function copy(context: CommandContext, flags: CopyFlags): Promise<void> {
  const { output } = context;
  const [from, to] = [checkedUrl(flags.from), checkedUrl(flags.to)];
  const source = await readOnlyStoreAt(from, "name another one with --from");
  const result = await useAndClose(source, async () => {
    await source.open(); // first of all: when it cannot be copied, the other one is not made
    return await useAndClose(await storeAt(to), async (target) => {
      await target.open();
      const places = { from: await placeOf(source), to: await placeOf(target) };
      return { ...places, ...(await copyAll(context, source, target, flags.resume === true)) };
    });
  });
  if (!output.json) for (const difference of result.differences) output.problem(describe(difference), difference);
  await output.result(result, () => show(result));
  if (!result.verified) context.exitCode = EXIT.partial;
}

async function copyAll(
  { output, signal }: CommandContext,
  source: TelemetryPool,
  target: TelemetryPool,
  resume: boolean,
): Promise<CopyResult> {
  const { copyStore, isTelepoolError } = await import("@telepool/core");
  const progress = await startProgress(output, "rows copied and compared", "told later");
  try {
    return await copyStore(source, target, {
      resume,
      signal,
      onProgress: ({ rows, totalRows }) => progress.update(rows, totalRows),
    });
  } catch (error) {
    if (signal.aborted && isTelepoolError(error, "ABORTED")) {
      throw new CliError("INTERRUPTED", "interrupted; what was copied stays", {
        hint: "the same command with --resume goes on from there",
        cause: error,
      });
    }
    if (isTelepoolError(error, "INVALID_ARGUMENT")) {
      throw new CliError("USAGE", error.message.replace("pass resume: true", "add --resume"), { cause: error });
    }
    throw error;
  } finally {
    progress.stop();
  }
}

/** Where a store is, as it may be shown: without what is secret in its URL. */
async function placeOf(store: TelemetryPool): Promise<Place> {
  const health = await store.health();
  return health.ok ? { driver: health.driver, location: health.location } : { driver: "", location: "unknown" };
}

function describe(difference: CopyDifference): string {
  const row = `${difference.table} ${difference.id}`;
  switch (difference.kind) {
    case "different":
      return `${row}: different in ${difference.columns.join(", ")}`;
    case "extra":
      return `${row}: in the target alone`;
    case "missing":
      return `${row}: written, and not there`;
    case "rejected":
      return `${row}: refused by the target (${difference.code})`;
  }
}

function show(result: CopyResult & { readonly from: Place; readonly to: Place }): string {
  const rows = (["sessions", "profiles", "events"] as const).map((kind) => {
    const { source, target, copied, skipped } = result[kind];
    const content = source.checksum === target.checksum ? "same" : "different";
    return [kind, copied, skipped, source.rows, target.rows, content];
  });
  const { from, to, differenceCount, moving, verified } = result;
  const summary = pairs([
    ["from", `${from.driver} ${from.location}`],
    ["to", `${to.driver} ${to.location}`],
    ["verified", verified ? "yes" : `no, differences: ${differenceCount}`],
    ...(moving === 0 ? [] : [["not compared", `${moving} sessions that were written to all the time`] as const]),
  ]);
  return `${table(["", "COPIED", "THERE BEFORE", "SOURCE", "TARGET", "CONTENT"], rows)}\n${summary}`;
}

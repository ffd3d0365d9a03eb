/** `telepool sync verify`: whether a copy is whole, and the same as its database where that is at hand. */
import { isTelepoolError } from "@telepool/core";
import type { CopyHead } from "@telepool/core/sync";
import type { VerifyLevel, VerifyReport } from "@telepool/r2-sync";
import { readCopyState } from "@telepool/r2-sync/state";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { withReadOnlyStore } from "../open-store.ts";
import { showSize } from "../size-expression.ts";
import { pairs } from "../table.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { R2Settings } from "./r2-settings.ts";
import { withArchive } from "./with-archive.ts";
import { withSync } from "./with-sync.ts";

/** The flags of the command. */
export interface VerifyFlags extends BucketFlags {
  readonly level?: VerifyLevel;
  readonly source?: string;
  readonly offline?: true;
}

/** Verifies a copy, and lists what was found. */
export async function verify(context: CommandContext, flags: VerifyFlags): Promise<void> {
  const { signal } = context;
  R2Settings.require(context, flags); // before a database is opened for nothing
  if (flags.offline && flags.level === "database") {
    throw new CliError("USAGE", "--level database compares with the database, which --offline leaves alone");
  }
  const own = flags.offline ? undefined : await ownHead(context);
  const isOwn = own !== undefined && (flags.source ?? own.source) === own.source;
  const level = flags.level ?? (isOwn ? "database" : "get");
  let report: VerifyReport;
  if (level === "database") {
    if (!isOwn) throw notOwn(own?.source);
    report = await withSync(context, flags, (sync) => sync.verify("database", signal));
  } else {
    const source = flags.source ?? own?.source;
    const reached = isOwn ? own.sequence : undefined;
    report = await withArchive(context, flags, (archive) => archive.verify({ source, level, reached, signal }));
  }
  await tellReport(context, report);
}

/** How far the copy of the run's database is; `undefined` if there is no such database, or it was never copied. */
async function ownHead(context: CommandContext): Promise<CopyHead | undefined> {
  try {
    return await withReadOnlyStore(context, async (store) => (await readCopyState(store)).head);
  } catch (error) {
    if (isTelepoolError(error, "DATABASE_NOT_FOUND")) return undefined;
    throw error;
  }
}

function notOwn(own: string | undefined): CliError {
  return own === undefined
    ? new CliError("USAGE", "there is no database that was copied, to compare a copy with", {
        hint: "name it with --db or TELEPOOL_DB_URL, or verify the copy by itself with --level get",
      })
    : new CliError("USAGE", `the copy of this database is ${own}, and --source names another`);
}

/** Prints a report; what is wrong ends the program with the code of what was done in part. */
async function tellReport(context: CommandContext, report: VerifyReport): Promise<void> {
  const { output } = context;
  if (!output.json) {
    for (const finding of report.findings) output.problem(`${finding.where}: ${finding.problem}`, finding);
  }
  await output.result(report, () => {
    const { level, ok, source, sequence, checkpoints, objects, bytes, rows, findingCount, durationMs } = report;
    return pairs([
      ["copy", source],
      ["level", level],
      ["object", sequence],
      ["checkpoints", checkpoints],
      ["objects", `${objects}, ${showSize(bytes)}`],
      ...(level === "list" ? [] : [["rows", rows] as const]),
      ["time", `${Math.round(durationMs)} ms`],
      ["ok", ok ? "yes" : `no, findings: ${findingCount}`],
    ]);
  });
  if (!report.ok) context.exitCode = EXIT.partial;
}

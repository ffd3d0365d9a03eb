/** `telepool profile`: measures Markdown documents and stores the profiles in one new session. */
import { userInfo } from "node:os";
import type { TelemetryPool } from "@telepool/core";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { withStore } from "../open-store.ts";
import { wholeNumber } from "../option-values.ts";
import type { LeadSpecProfile } from "../profile/lead-spec-profile.ts";
import { ProfileSummary } from "../profile/profile-summary.ts";
import { startProgress } from "../progress.ts";
import { describeError } from "../report-error.ts";
import { showSize } from "../size-expression.ts";
import { pairs, table } from "../table.ts";

interface ProfileFlags {
  readonly member?: string;
  readonly session?: string;
  readonly root?: string;
  readonly runs: number;
}

const NOTES = `
A folder is searched for .md and .markdown files, except in node_modules and in folders that begin with a dot. Every
document becomes one profile, all of them in one session. Documents that cannot be measured are reported and left out;
the program then ends with 4.

Examples:
  $ telepool profile README.md
  $ telepool profile docs --member nolarose
  $ telepool profile . --root website/static --json`;

export function addProfileCommand(program: Command, context: CommandContext): void {
  program
    .command("profile")
    .summary("measure Markdown documents and store their profiles")
    .description("Measure a Markdown document, or all that are in a folder, and store their profiles.")
    .argument("<path>", "a file, or a folder")
    .option("--member <name>", "whose profiles they are (default: your user name)")
    .option("--session <id>", "the session that they belong to (default: a new one)")
    .option("--root <folder>", "what / stands for in links; without it such links are not checked")
    .option("--runs <count>", "how many parses of each document are timed", wholeNumber(1, 1000), 5)
    .addHelpText("after", NOTES)
    .action((path: string, flags: ProfileFlags) => profile(context, path, flags));
}

async function profile(context: CommandContext, path: string, flags: ProfileFlags): Promise<void> {
  const { output } = context;
  const member = flags.member ?? userInfo().username;
  const session = flags.session ?? Bun.randomUUIDv7();
  const progress = await startProgress(output, "documents");
  const summary = new ProfileSummary({
    onDocument: (count) => progress.update(count),
    onFailure: ({ path, code, message }) => output.problem(`${path}: ${message} (${code})`, { path, code, message }),
  });
  try {
    await withStore(context, (store) => profileAll({ context, store, path, member, session, flags, summary }));
  } finally {
    progress.stop();
  }
  const { documents, failed } = summary.totals;
  if (documents + failed === 0) output.note(`there is no Markdown document under ${path}`);
  await output.result({ session: documents === 0 ? null : session, member, ...summary.totals }, () =>
    show(summary, member, session),
  );
  if (failed > 0) context.exitCode = EXIT.partial;
}

interface ProfileRun {
  readonly context: CommandContext;
  readonly store: TelemetryPool;
  readonly path: string;
  readonly member: string;
  readonly session: string;
  readonly flags: ProfileFlags;
  readonly summary: ProfileSummary;
}

async function profileAll({ context, store, path, member, session, flags, summary }: ProfileRun): Promise<void> {
  const { findDocuments } = await import("../profile/find-documents.ts");
  const { profileDocument } = await import("../profile/profile-document.ts");
  const { runs, root } = flags;
  const { signal } = context;
  const onUnreadable = (folder: string, error: Error): void => summary.fail(folder, describeError(error, undefined));
  for await (const document of findDocuments(path, { onUnreadable })) {
    signal.throwIfAborted();
    let measured: LeadSpecProfile;
    try {
      measured = await profileDocument(document, { runs, signal, ...(root === undefined ? {} : { root }) });
    } catch (error) {
      const report = describeError(error, undefined);
      if (report.code === "ABORTED" || report.field === "root") throw error;
      summary.fail(document, report);
      continue;
    }
    try {
      await store.insertProfile(session, measured, member, document, { signal });
      summary.add(document, measured);
    } catch (error) {
      const report = describeError(error, undefined);
      if (report.field !== "document") throw error; // else it is the path that cannot be stored: too long, or not Unicode
      summary.fail(document, report);
    }
  }
}

function show(summary: ProfileSummary, member: string, session: string): string {
  const { documents, failed, bytes, words, brokenLinks, brokenImages, parseMs, mostBroken } = summary.totals;
  if (documents === 0) return "";
  const totals = pairs([
    ["session", session],
    ["member", member],
    ["documents", documents],
    ["not measured", failed],
    ["size", showSize(bytes)],
    ["words", words],
    ["broken links", brokenLinks],
    ["broken images", brokenImages],
    ["parse time", `${parseMs.toFixed(2)} ms, the medians summed up`],
  ]);
  if (mostBroken.length === 0) return totals;
  const rows = mostBroken.map(({ document, count, targets }) => [document, count, targets.slice(0, 3).join(" ")]);
  return `${totals}\n${table(["DOCUMENT", "BROKEN LINKS", "SUCH AS"], rows)}`;
}

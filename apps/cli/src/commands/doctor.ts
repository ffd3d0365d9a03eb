/** `telepool doctor`: looks whether all is well, and says what to do where it is not. */
import type { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import type { CommandContext } from "../context.ts";
import type { Finding, Status } from "../doctor/finding.ts";
import { checkBun, checkClock } from "../doctor/program-checks.ts";
import { EXIT } from "../exit-codes.ts";
import { databaseFile, withExistingStore, withReadOnlyStore } from "../open-store.ts";
import { plainText } from "../plain-text.ts";
import { describeError } from "../report-error.ts";
import { table } from "../table.ts";

const NOTES = `
Nothing is changed: the database is opened for reading, and only if it is telepool's a row is written and taken back. The bucket that
TELEPOOL_R2_BUCKET names is asked for a listing.
Ends with 0 when all is well, 6 when there are warnings or failures, 3 when there is no database or it does not answer.

Examples:
  $ telepool doctor
  $ telepool doctor --db sqlite:///var/lib/telepool.db --json`;

const COLOURS = { ok: "green", warn: "yellow", fail: "red", skip: "gray" } as const;

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .summary("check the program, the database and the bucket")
    .description("Check the program, the database, its disk and its bucket, and say what to do about what is wrong.")
    .addHelpText("after", NOTES)
    .action(() => examine(context));
}

async function examine(context: CommandContext): Promise<void> {
  const { output } = context;
  const findings = [checkBun(Bun.version, manifest.engines.bun), checkClock(Date.now())];
  const isReachable = await examineDatabase(context, findings);
  await examineBucket(context, findings);
  await output.result(findings, () => show(findings, (status) => output.coloured(COLOURS[status], status)));
  if (!isReachable) context.exitCode = EXIT.unreachable;
  else if (findings.some(({ status }) => status === "warn" || status === "fail")) context.exitCode = EXIT.findings;
}

/** Adds what is found of the database; whether it answers. */
async function examineDatabase(context: CommandContext, findings: Finding[]): Promise<boolean> {
  const { signal } = context;
  const file = await databaseFile(context.databaseUrl);
  const { checkReachable, checkRestore, checkSchema, checkTimes, checkWritable } = await import(
    "../doctor/database-checks.ts"
  );
  const { checkIntegrity, checkJournal, checkSpace } = await import("../doctor/sqlite-checks.ts");
  try {
    return await withReadOnlyStore(context, async (store) => {
      const reachable = await checkReachable(store);
      findings.push(reachable);
      if (reachable.status !== "ok") return false;
      findings.push(
        await attempt("writable", () => withExistingStore(context, checkWritable)),
        await attempt("schema", () => checkSchema(store, signal)),
        await attempt("times", () => checkTimes(store, Date.now(), signal)),
        ...(await checkRestore(store)),
      );
      if (file === undefined) return true;
      findings.push(
        await attempt("journal", () => checkJournal(store, signal)),
        await attempt("integrity", () => checkIntegrity(store, signal)),
        await attempt("disk", () => checkSpace(file)),
      );
      return true;
    });
  } catch (error) {
    if (signal.aborted) throw error;
    findings.push(failed("database", error));
    return false;
  }
}

/** Adds what is found of the bucket that the store is copied to, if there is one. */
async function examineBucket(context: CommandContext, findings: Finding[]): Promise<void> {
  const { checkBucket } = await import("../doctor/bucket-check.ts");
  try {
    const finding = await checkBucket(context);
    if (finding !== undefined) findings.push(finding);
  } catch (error) {
    if (context.signal.aborted) throw error;
    findings.push({ ...failed("bucket", error), advice: "correct the setting that is named, and check the network" });
  }
}

/** A check that cannot be made is a finding itself, and keeps no other from being made. */
async function attempt(check: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    return failed(check, error);
  }
}

function failed(check: string, error: unknown): Finding {
  const { message, code } = describeError(error, undefined);
  return { check, status: "fail", detail: `${message} (${code})` };
}

function show(findings: readonly Finding[], coloured: (status: Status) => string): string {
  const lines = table(
    ["CHECK", "STATUS", "DETAIL"],
    findings.map(({ check, status, detail }) => [check, status, detail]),
  );
  const tinted = lines.replace(
    /^(\S+ +)(ok|warn|fail|skip)\b/gm,
    (_, before: string, status: Status) => before + coloured(status),
  );
  const advice = findings.flatMap(({ check, advice }) =>
    advice === undefined ? [] : [plainText(`${check}: ${advice}`)],
  );
  return advice.length === 0 ? tinted : `${tinted}\nTo do:\n${advice.map((line) => `  ${line}\n`).join("")}`;
}

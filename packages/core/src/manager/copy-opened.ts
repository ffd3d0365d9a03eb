/**
 * Copying a store into another one, of any kind of database, while the source is written to. Memory holds a few pages of at
 * most 1000 rows and 4 MiB, or one row that is larger. The source is never changed.
 *
 * Everything is gone through twice: first what the target lacks is written, then all rows of both sides are read and
 * compared. What the source holds when the comparison of a table begins is in the copy; of what arrives later, the profiles
 * of sessions that are compared after that. A copy that broke off is run again with `resume`; ids make that no row is there
 * twice. What has another content in the target is told, never overwritten, except for a session's member and times.
 */
import { TelepoolError } from "../errors.ts";
import type { Opened } from "../store-opening.ts";
import { CopyCourse } from "./copy-course.ts";
import { type CopyCounts, copyMissing } from "./copy-missing.ts";
import type { CopiedTable, CopyOptions, CopyResult } from "./copy-report.ts";
import { CopySide } from "./copy-side.ts";
import { EVENTS, PROFILES, SESSIONS } from "./copy-table.ts";
import type { Tally } from "./tally.ts";
import { RowVerification } from "./verify-rows.ts";
import { SessionVerification } from "./verify-sessions.ts";

/** Copies between stores that are open. */
export async function copyOpened(from: Opened, to: Opened, options: CopyOptions): Promise<CopyResult> {
  if (isSameDatabase(from, to)) throw sameStore();
  const source = new CopySide(from, options.signal);
  const target = new CopySide(to, options.signal);
  if (options.resume !== true) await refuseRows(target);
  const course = new CopyCourse(source, target, options);
  await course.estimate();
  const sessions = await copyMissing(course, SESSIONS);
  const profiles = await copyMissing(course, PROFILES);
  const events = await copyMissing(course, EVENTS);
  const verifiedProfiles = new RowVerification(course, PROFILES);
  const verifiedEvents = new RowVerification(course, EVENTS);
  const verifiedSessions = new SessionVerification(course, verifiedProfiles);
  for (const verification of [verifiedProfiles, verifiedEvents, verifiedSessions]) await verification.run();
  return resultOf(course, verifiedSessions.moving, {
    sessions: copiedTable(sessions, verifiedSessions),
    profiles: copiedTable(profiles, verifiedProfiles),
    events: copiedTable(events, verifiedEvents),
  });
}

/** By their driver's name and location; a database that has one connection only may live in it, and be one of several. */
function isSameDatabase({ driver }: Opened, { driver: other }: Opened): boolean {
  if (driver.capabilities.maxConnections === 1) return false;
  return driver.name === other.name && driver.location === other.location;
}

/** @throws TelepoolError `INVALID_ARGUMENT` if there is a row of any kind */
async function refuseRows(target: CopySide): Promise<void> {
  const sessions = await target.count("sessions");
  const profiles = await target.count("profiles");
  const events = await target.count("analytics");
  if (sessions + profiles + events === 0) return;
  throw new TelepoolError(
    "INVALID_ARGUMENT",
    `the target is not empty: it has ${sessions} sessions, ${profiles} profiles and ${events} events; to go on with a copy that broke off, pass resume: true`,
    { field: "to" },
  );
}

interface Verification {
  readonly source: Tally;
  readonly target: Tally;
  readonly copied: number;
}

function copiedTable({ copied, skipped }: CopyCounts, verification: Verification): CopiedTable {
  const { source, target, copied: late } = verification;
  return { source: source.sum, target: target.sum, copied: copied + late, skipped };
}

function resultOf(
  { differences }: CopyCourse,
  moving: number,
  tables: Pick<CopyResult, "sessions" | "profiles" | "events">,
): CopyResult {
  // The sums are the proof; that nothing was told to differ follows from them.
  const isSame = Object.values(tables).every(
    ({ source, target }) => source.rows === target.rows && source.checksum === target.checksum,
  );
  return {
    ...tables,
    differences: differences.listed,
    differenceCount: differences.count,
    moving,
    verified: isSame && differences.count === 0,
  };
}

/** The error for a source that is its own target. */
export function sameStore(): TelepoolError {
  return new TelepoolError("INVALID_ARGUMENT", "a store cannot be copied into itself", { field: "to" });
}

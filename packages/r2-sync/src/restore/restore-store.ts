/**
 * Brings a copy back into a store. Every object is checked before its rows are written; after each one it is noted in the
 * target how far the restore is, so one that broke off goes on. Until it has come to its end the target says that it is
 * not whole: it cannot be synced.
 */
import { abortedError, TelepoolError } from "@telepool/core";
import type { RawRow, RestoreTarget } from "@telepool/core/sync";
import { noteRestore, noteRestored, type RestoreNote, restoreUnderWay } from "../copy/notes.ts";
import type { ReadObject } from "../log/log-object.ts";
import type { CopyReading, ReadPart } from "./read-copy.ts";
import type { RestorePlan } from "./restore-plan.ts";

/** What a restore does with rows that the target holds. */
export type OnRows = "refuse" | "replace";

/** How far a restore is. */
export interface RestoreProgress {
  readonly phase: "checkpoint" | "log";
  /** Objects that were restored, and all. */
  readonly objects: number;
  readonly totalObjects: number;
  /** Rows that were written or deleted. */
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** How a restore goes. */
export interface RestoreStoreOptions {
  /** What is done with a target that holds rows; it is refused by default. */
  readonly onRows?: OnRows;
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What was restored. */
export interface RestoreResult {
  readonly source: string;
  /** Up to which object of the log. */
  readonly sequence: number;
  /** Nothing in it is of a later time: milliseconds since 1970. */
  readonly at: number;
  readonly objects: number;
  readonly bytes: number;
  /** Rows that were written or deleted by this call. */
  readonly rows: number;
  /** Whether it went on with a restore that had broken off. */
  readonly resumed: boolean;
}

/** Restores what a plan names. */
export async function restoreStore(
  plan: RestorePlan,
  reading: CopyReading,
  target: RestoreTarget,
  options: RestoreStoreOptions = {},
): Promise<RestoreResult> {
  await target.prepare();
  const { note, resumed } = await begin(plan, target, options.onRows ?? "refuse");
  const run = new RestoreRun(plan, target, note, options);
  for await (const part of reading.parts(plan, note.parts)) await run.part(part);
  if (note.log === plan.checkpoint.base) await setSessions(plan, reading, target);
  let at = plan.checkpoint.completedAt;
  for await (const object of reading.log(plan, note.log)) {
    at = Math.max(at, object.header.at);
    await run.object(object);
  }
  const { source, sequence } = plan;
  await noteRestored(target.notes, { source, sequence });
  return { source, sequence, at, resumed, ...run.done };
}

/** Profiles move the times of their sessions when they are put there: those of the checkpoint are set once more behind them. */
async function setSessions({ checkpoint }: RestorePlan, reading: CopyReading, target: RestoreTarget): Promise<void> {
  for (const part of checkpoint.parts.filter(({ table }) => table === "sessions")) {
    const { rows } = await reading.part(part);
    await target.setSessions((rows as RawRow<"sessions">[]).map(withoutCount), []); // the rows are those of the table
  }
}

/** The checkpoint that a restore of a copy began with, which broke off in this target; `undefined` if there was none. */
export async function checkpointBegun(target: RestoreTarget, source: string): Promise<string | undefined> {
  await target.prepare();
  const known = await restoreUnderWay(target.notes);
  return known?.source === source ? known.checkpoint : undefined;
}

/** The note of the restore: that of one that broke off on the way to the same state or an earlier one, or a new one. */
async function begin(
  { source, checkpoint, sequence }: RestorePlan,
  target: RestoreTarget,
  onRows: OnRows,
): Promise<{ readonly note: RestoreNote; readonly resumed: boolean }> {
  const known = await restoreUnderWay(target.notes);
  if (known?.source === source && known.checkpoint === checkpoint.key && known.log <= sequence) {
    return { note: { ...known, sequence }, resumed: true };
  }
  if (!(await target.isEmpty())) {
    if (onRows === "refuse") throw notEmpty(target, known !== undefined);
    // While it is being emptied it is not whole, and there is nothing to go on with.
    await noteRestore(target.notes, { source, checkpoint: "", sequence, parts: 0, log: 0 });
    await target.empty();
  }
  const note = { source, checkpoint: checkpoint.key, sequence, parts: 0, log: checkpoint.base };
  await noteRestore(target.notes, note);
  return { note, resumed: false };
}

function notEmpty({ location }: RestoreTarget, isUnfinished: boolean): TelepoolError {
  const what = isUnfinished ? "holds a part of another restore, which broke off" : "holds rows";
  return new TelepoolError(
    "TARGET_NOT_EMPTY",
    `${location} ${what}; restore into an empty database, or have all that is in it removed first (--replace)`,
    { field: "into" },
  );
}

class RestoreRun {
  readonly #plan: RestorePlan;
  readonly #target: RestoreTarget;
  readonly #options: RestoreStoreOptions;
  readonly #totalBytes: number;
  #note: RestoreNote;
  #objects = 0;
  #rows = 0;
  #bytes = 0;

  constructor(plan: RestorePlan, target: RestoreTarget, note: RestoreNote, options: RestoreStoreOptions) {
    this.#plan = plan;
    this.#target = target;
    this.#note = note;
    this.#options = options;
    this.#totalBytes = [...plan.checkpoint.parts, ...plan.log].reduce((sum, object) => sum + object.bytes, 0);
  }

  get done(): Pick<RestoreResult, "objects" | "rows" | "bytes"> {
    return { objects: this.#objects, rows: this.#rows, bytes: this.#bytes };
  }

  async part({ part, table, rows }: ReadPart): Promise<void> {
    const target = this.#target;
    // The rows are those of their table.
    if (table === "sessions") await target.addSessions((rows as RawRow<"sessions">[]).map(withoutCount));
    else if (table === "profiles") await target.putProfiles(rows as RawRow<"profiles">[]);
    else await target.putEvents(rows as RawRow<"analytics">[]);
    this.#note = { ...this.#note, parts: this.#note.parts + 1 };
    await this.#end("checkpoint", rows.length, part.bytes);
  }

  async object({ header, rows }: ReadObject): Promise<void> {
    const target = this.#target;
    await target.addSessions(rows.sessions);
    await target.putProfiles(rows.profiles);
    await target.putEvents(rows.events);
    await target.deleteProfiles(rows.deleted.profiles);
    await target.deleteEvents(rows.deleted.analytics);
    await target.setSessions(rows.sessions, rows.deleted.sessions);
    this.#note = { ...this.#note, log: header.sequence };
    const { profiles, events, sessions, deleted } = header.rows;
    const { checkpoint, log } = this.#plan;
    const bytes = log[header.sequence - checkpoint.base - 1]?.bytes ?? 0; // the log has no gap
    await this.#end("log", profiles + events + sessions + deleted, bytes);
  }

  async #end(phase: RestoreProgress["phase"], rows: number, bytes: number): Promise<void> {
    const { onProgress, signal } = this.#options;
    this.#objects++;
    this.#rows += rows;
    this.#bytes += bytes;
    await noteRestore(this.#target.notes, this.#note);
    const { checkpoint, log } = this.#plan;
    onProgress?.({
      phase,
      objects: this.#note.parts + this.#note.log - checkpoint.base,
      totalObjects: checkpoint.parts.length + log.length,
      rows: this.#rows,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
    });
    if (signal?.aborted) throw abortedError(signal, "the restore");
  }
}

function withoutCount({ id, member, created_at, last_activity }: RawRow<"sessions">) {
  return { id, member, created_at, last_activity };
}

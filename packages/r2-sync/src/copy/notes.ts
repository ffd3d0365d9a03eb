/** What is noted of a copy in its database, under which names: all that is remembered there beside the head of the log. */
import type { CheckpointStatus, JsonValue, ProofStatus } from "@telepool/core";
import type { CopyNotes } from "@telepool/core/sync";
import * as v from "valibot";

/** The note of the checkpoint that is being written, and what the notes of its parts begin with. */
export const CHECKPOINT_NOTE = "checkpoint";
export const PART_NOTES = "part/";

const LAST_CHECKPOINT_NOTE = "last-checkpoint";
const PROOF_NOTE = "proof";
const RESTORE_NOTE = "restore";
const RESTORED_NOTE = "restored";

/** How far a restore is that has not come to its end. */
export interface RestoreNote {
  readonly source: string;
  /** The key of the checkpoint that it began with; empty while the target is being emptied. */
  readonly checkpoint: string;
  /** Up to which object it goes. */
  readonly sequence: number;
  /** How many parts of the checkpoint are done. */
  readonly parts: number;
  /** The last object of the log that is done. */
  readonly log: number;
}

/** The state that a database was restored to. */
export interface RestoredNote {
  readonly source: string;
  readonly sequence: number;
}

const restoreSchema: v.GenericSchema<unknown, RestoreNote> = v.object({
  source: v.string(),
  checkpoint: v.string(),
  sequence: v.number(),
  parts: v.number(),
  log: v.number(),
});

const restoredSchema: v.GenericSchema<unknown, RestoredNote> = v.object({ source: v.string(), sequence: v.number() });

const checkpointSchema: v.GenericSchema<unknown, CheckpointStatus> = v.object({
  key: v.string(),
  sequence: v.number(),
  at: v.number(),
  rows: v.number(),
  bytes: v.number(),
});

const proofSchema = v.object({
  source: v.string(),
  ok: v.boolean(),
  at: v.number(),
  sequence: v.number(),
  rows: v.number(),
  durationMs: v.number(),
  message: v.string(),
});

/** The last checkpoint of a copy; one of an earlier copy of the database is none. */
export async function lastCheckpoint(notes: CopyNotes, source: string): Promise<CheckpointStatus | undefined> {
  const noted = await read(notes, LAST_CHECKPOINT_NOTE, checkpointSchema);
  return noted?.key.includes(`${source}/`) ? noted : undefined;
}

export async function noteCheckpoint(notes: CopyNotes, checkpoint: CheckpointStatus): Promise<void> {
  await notes.set(LAST_CHECKPOINT_NOTE, { ...checkpoint });
}

/** Forgets the checkpoints of a copy: the last, and the one that is being written. */
export async function forgetCheckpoints(notes: CopyNotes): Promise<void> {
  for (const name of [CHECKPOINT_NOTE, LAST_CHECKPOINT_NOTE]) await notes.forget(name);
  await notes.forget(PART_NOTES, "prefix");
}

/** The last proof of a copy; that of an earlier copy of the database is none. */
export async function lastProof(notes: CopyNotes, source: string): Promise<ProofStatus | undefined> {
  const noted = await read(notes, PROOF_NOTE, proofSchema);
  if (noted?.source !== source) return undefined;
  const { source: _, ...proof } = noted;
  return proof;
}

export async function noteProof(notes: CopyNotes, source: string, proof: ProofStatus): Promise<void> {
  await notes.set(PROOF_NOTE, { ...proof, source });
}

/** The restore into a database that broke off, or is under way. */
export async function restoreUnderWay(notes: CopyNotes): Promise<RestoreNote | undefined> {
  return await read(notes, RESTORE_NOTE, restoreSchema);
}

export async function noteRestore(notes: CopyNotes, restore: RestoreNote): Promise<void> {
  await notes.set(RESTORE_NOTE, { ...restore });
}

/** The state that a database was last restored to. */
export async function lastRestored(notes: CopyNotes): Promise<RestoredNote | undefined> {
  return await read(notes, RESTORED_NOTE, restoredSchema);
}

/** A restore has come to its end. */
export async function noteRestored(notes: CopyNotes, restored: RestoredNote): Promise<void> {
  await notes.set(RESTORED_NOTE, { ...restored });
  await notes.forget(RESTORE_NOTE);
}

/** A note that is as it should be; others are as none. */
async function read<T>(notes: CopyNotes, name: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
  const value: JsonValue | undefined = await notes.get(name);
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

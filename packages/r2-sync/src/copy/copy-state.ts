/**
 * What a database knows of its copy. Only looks, also into a database that was opened read-only: a store that was never copied
 * has none of these tables, and gets none. Loads nothing of the sync itself.
 */
import type { CheckpointStatus, ProofStatus, TelemetryPool } from "@telepool/core";
import { type CopyHead, openSyncSource } from "@telepool/core/sync";
import {
  lastCheckpoint,
  lastProof,
  lastRestored,
  type RestoredNote,
  type RestoreNote,
  restoreUnderWay,
} from "./notes.ts";

export type { RestoredNote, RestoreNote } from "./notes.ts";

/** What a database knows. */
export interface CopyState {
  /** How far the copy is that it is the source of; undefined if it was never copied. */
  readonly head: CopyHead | undefined;
  /** Changes that are not copied. */
  readonly pending: number;
  readonly checkpoint: CheckpointStatus | undefined;
  readonly proof: ProofStatus | undefined;
  /** The restore into it that broke off, or is under way: it is not whole. */
  readonly restoring: RestoreNote | undefined;
  /** The last restore into it. */
  readonly restored: RestoredNote | undefined;
}

/** Reads what a store's database knows of its copy. */
export async function readCopyState(store: TelemetryPool): Promise<CopyState> {
  const tables = new Set((await (await store.kysely()).introspection.getTables()).map(({ name }) => name));
  const { ledger, changes, notes } = await openSyncSource(store);
  const head = tables.has("telepool_copy") ? await ledger.head() : undefined;
  const hasNotes = tables.has("telepool_copy_notes");
  const isCopied = hasNotes && head !== undefined;
  return {
    head,
    pending: tables.has("telepool_changes") ? await changes.count() : 0,
    checkpoint: isCopied ? await lastCheckpoint(notes, head.source) : undefined,
    proof: isCopied ? await lastProof(notes, head.source) : undefined,
    restoring: hasNotes ? await restoreUnderWay(notes) : undefined,
    restored: hasNotes ? await lastRestored(notes) : undefined,
  };
}

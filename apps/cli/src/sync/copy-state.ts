/**
 * What a database knows of its copy. Only looks, also into a database that was opened read-only: a store that was never copied
 * has none of these tables, and gets none.
 */
import type { CheckpointStatus, JsonValue, ProofStatus, TelemetryPool } from "@telepool/core";
import { type CopyHead, openSyncSource } from "@telepool/core/sync";

/** The part of a copy that a restore came to. */
export interface RestoredPart {
  readonly source: string;
  readonly sequence: number;
}

/** What a database knows. */
export interface CopyState {
  /** The copy that it is the source of; undefined if it was never copied. */
  readonly head: CopyHead | undefined;
  /** Changes that are not copied. */
  readonly pending: number;
  readonly checkpoint: CheckpointStatus | undefined;
  readonly proof: ProofStatus | undefined;
  /** The restore into it that broke off. */
  readonly restoring: RestoredPart | undefined;
  /** The last restore into it. */
  readonly restored: RestoredPart | undefined;
}

const NEVER_COPIED: CopyState = {
  head: undefined,
  pending: 0,
  checkpoint: undefined,
  proof: undefined,
  restoring: undefined,
  restored: undefined,
};

/** Reads what a store's database knows of its copy. */
export async function readCopyState(store: TelemetryPool): Promise<CopyState> {
  const tables = new Set((await (await store.kysely()).introspection.getTables()).map(({ name }) => name));
  if (!tables.has("telepool_copy_notes")) return NEVER_COPIED; // it is made before the others
  const { ledger, changes, notes } = await openSyncSource(store);
  const head = tables.has("telepool_copy") ? await ledger.head() : undefined;
  const proof = noted<ProofStatus & { readonly source?: string }>(await notes.get("proof"));
  return {
    head,
    pending: tables.has("telepool_changes") ? await changes.count() : 0,
    checkpoint: noted<CheckpointStatus>(await notes.get("last-checkpoint")),
    proof: proof?.source === head?.source ? proof : undefined,
    restoring: noted<RestoredPart>(await notes.get("restore")),
    restored: noted<RestoredPart>(await notes.get("restored")),
  };
}

/** A note as what `@telepool/r2-sync` writes under its name. */
function noted<T extends object>(value: JsonValue | undefined): T | undefined {
  return typeof value === "object" && value !== null ? (value as T) : undefined;
}

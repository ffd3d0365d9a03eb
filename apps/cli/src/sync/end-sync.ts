/** `telepool sync off`: has the database note changes no more. The copy stays as it is. */
import { openSyncSource } from "@telepool/core/sync";
import { readCopyState } from "@telepool/r2-sync/state";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import { withExistingStore, withReadOnlyStore } from "../open-store.ts";

/** The flags of the command. */
export interface OffFlags {
  readonly yes?: true;
}

/** Removes what copying needs in the database. */
export async function endSync(context: CommandContext, flags: OffFlags): Promise<void> {
  const { output } = context;
  if (!flags.yes) {
    throw new CliError(
      "USAGE",
      "what the database knows of its copy is forgotten for good; add --yes if that is meant",
      {
        hint: "a later sync begins a new copy with all rows; the one in the bucket stays",
      },
    );
  }
  const state = await withReadOnlyStore(context, readCopyState);
  if (state.restoring !== undefined) {
    throw new CliError(
      "USAGE",
      "a restore into this database broke off: it is not whole, which would be forgotten, too",
      {
        hint: "run the restore again",
      },
    );
  }
  const source = state.head?.source ?? null;
  await withExistingStore(context, async (store) => (await openSyncSource(store)).changes.remove());
  await output.result({ source, removed: true }, () =>
    source === null
      ? "this database was never synced\n"
      : `this database is not synced any more; its copy ${source} stays in the bucket\n`,
  );
}

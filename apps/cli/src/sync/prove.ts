/** `telepool sync prove`: restores the copy into a scratch database, and compares that with the store. */
import type { CommandContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { pairs } from "../table.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { withSync } from "./with-sync.ts";

/** Proves the copy, and notes what came of it in the database. */
export async function prove(context: CommandContext, flags: BucketFlags): Promise<void> {
  const { output, signal } = context;
  const proof = await withSync(context, flags, (sync) => sync.prove(signal));
  await output.result(proof, () =>
    pairs([
      ["proven", proof.ok ? "yes" : "no"],
      ["found", proof.message],
      ["object", proof.sequence],
      ["rows", proof.rows],
      ["time", `${proof.durationMs} ms`],
    ]),
  );
  if (!proof.ok) context.exitCode = EXIT.partial;
}

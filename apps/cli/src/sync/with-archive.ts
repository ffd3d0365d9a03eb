/** The copies in the bucket of a run. */
import type { R2Archive } from "@telepool/r2-sync";
import type { CommandContext } from "../context.ts";
import type { BucketFlags } from "./bucket-flags.ts";
import { R2Settings } from "./r2-settings.ts";

/** Runs `work` on the copies, and closes the connections; `impatient` for what only asks a question. */
export async function withArchive<T>(
  context: CommandContext,
  flags: BucketFlags,
  work: (archive: R2Archive) => Promise<T>,
  how: "patient" | "impatient" = "patient",
): Promise<T> {
  const settings = R2Settings.require(context, flags);
  return await settings.explain(async () => {
    const { R2Archive } = await import("@telepool/r2-sync");
    const archive = new R2Archive(how === "patient" ? settings.options : settings.impatient);
    try {
      return await work(archive);
    } finally {
      archive.close();
    }
  });
}

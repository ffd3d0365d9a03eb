/** Whether the bucket of the copies can be reached; one listing is asked for, and nothing is written. */
import type { CommandContext } from "../context.ts";
import { R2Settings } from "../sync/r2-settings.ts";
import type { Finding } from "./finding.ts";

/**
 * Checks the bucket that the environment names; `undefined` if it names none.
 *
 * @throws TelepoolError that names the setting which is wrong
 */
export async function checkBucket(context: CommandContext): Promise<Finding | undefined> {
  const settings = R2Settings.find(context, {});
  if (settings === undefined) return undefined;
  return await settings.explain(async () => {
    const { R2Archive } = await import("@telepool/r2-sync");
    const { bucket } = new R2Archive(settings.impatient);
    try {
      await bucket.check(context.signal);
      return { check: "bucket", status: "ok", detail: `${bucket.location} answers` };
    } finally {
      bucket.close();
    }
  });
}

/**
 * Makes the copy of a server's own store. The package that copies, and Amazon's SDK with it, is loaded here and nowhere else: a
 * server without a copy does not pay for one.
 */
import { isTelepoolError, type StoreSync, TelepoolError } from "@telepool/core";
import type { R2SyncOptions } from "@telepool/r2-sync";
import { inR2Variables } from "@telepool/r2-sync/env";
import { inSettingWords } from "./setting-words.ts";

/** How long the last copying may take when the server ends, which has 10 s for all of it; also the default. */
const MAX_FLUSH_MS = 5000;

/** @throws TelepoolError `INVALID_OPTION`, in the names of the variables */
export async function openSync(options: R2SyncOptions): Promise<StoreSync> {
  const { R2Sync } = await import("@telepool/r2-sync");
  try {
    checkFlush(options);
    return new R2Sync({ flushTimeoutMs: MAX_FLUSH_MS, ...options });
  } catch (error) {
    throw isTelepoolError(error) ? inSettingWords(error, inR2Variables) : error;
  }
}

function checkFlush({ flushTimeoutMs = 0 }: R2SyncOptions): void {
  if (flushTimeoutMs <= MAX_FLUSH_MS) return;
  const field = "sync.flushTimeoutMs";
  throw new TelepoolError(
    "INVALID_OPTION",
    `${field} must be at most ${MAX_FLUSH_MS / 1000} s: a server ends within 10 s`,
    {
      field,
    },
  );
}

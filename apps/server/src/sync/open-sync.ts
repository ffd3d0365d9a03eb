/**
 * Makes the copy of a server's own store. The package that copies, and Amazon's SDK with it, is loaded here and nowhere else: a
 * server without a copy does not pay for one.
 */
import { isTelepoolError, type StoreSync } from "@telepool/core";
import type { R2SyncOptions } from "@telepool/r2-sync";
import { inR2Variables } from "@telepool/r2-sync/env";
import { inSettingWords } from "./setting-words.ts";

/** @throws TelepoolError `INVALID_OPTION`, in the names of the variables */
export async function openSync(options: R2SyncOptions): Promise<StoreSync> {
  const { R2Sync } = await import("@telepool/r2-sync");
  try {
    return new R2Sync(options);
  } catch (error) {
    throw isTelepoolError(error) ? inSettingWords(error, inR2Variables) : error;
  }
}

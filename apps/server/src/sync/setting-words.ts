/**
 * What a copy says about its settings, in the words of whoever made them: `sync.bucket` is TELEPOOL_R2_BUCKET for an operator
 * of a server that the environment sets up.
 */
import { type SyncStatus, TelepoolError } from "@telepool/core";

/** Puts the names of settings into a text in which they stand as paths of options. */
export type SettingWords = (text: string) => string;

/** The paths of options as they are, for a program that made the copy itself. */
export const asOptions: SettingWords = (text) => text;

/** The same error, whose message names the setting that it is about. */
export function inSettingWords(error: TelepoolError, words: SettingWords): TelepoolError {
  const { code, message, field, retryAfterMs, cause } = error;
  const text = field === undefined || message.includes(field) ? message : `${field}: ${message}`;
  return new TelepoolError(code, words(text), {
    ...(cause === undefined ? {} : { cause }),
    ...(field === undefined ? {} : { field: words(field) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The same state, whose last error names settings in these words. */
export function statusInSettingWords(status: SyncStatus, words: SettingWords): SyncStatus {
  const { lastError } = status;
  if (lastError === null) return status;
  return { ...status, lastError: { ...lastError, message: words(lastError.message) } };
}

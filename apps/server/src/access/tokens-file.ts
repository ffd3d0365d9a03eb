/** Tokens from a file: `{"tokens": [{"name": "collector", "sha256": "…", "scopes": ["ingest"]}]}`. */
import { readFileSync } from "node:fs";
import { TelepoolError } from "@telepool/core";

/**
 * Reads a file of tokens; what stands in it is checked with the other tokens.
 *
 * @throws TelepoolError `INVALID_OPTION`, without a word of what stands in the file
 */
export function readTokensFile(path: string): unknown[] {
  const field = "serve.tokensFile";
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new TelepoolError("INVALID_OPTION", `${field}: ${path} cannot be read`, { field, cause });
  }
  try {
    const content: unknown = JSON.parse(text);
    const { tokens, ...rest } = content as { readonly tokens?: unknown }; // only looked at
    if (Array.isArray(tokens) && Object.keys(rest).length === 0) return tokens;
  } catch {
    // not JSON, or not an object: the same answer, which must not repeat any of it
  }
  throw new TelepoolError("INVALID_OPTION", `${field}: ${path} must hold {"tokens": [ … ]} as JSON`, { field });
}

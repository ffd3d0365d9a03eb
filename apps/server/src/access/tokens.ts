/**
 * Bearer tokens: where they come from, and whose a presented one is.
 *
 * Only digests are kept, and a presented token is hashed and compared with all of them, each in constant time. An error
 * about a token says which one it is by its place or its name, never what it is.
 */
import { parseOptions, TelepoolError } from "@telepool/core";
import * as v from "valibot";
import { isScope, SCOPES, type Scope } from "./scopes.ts";

/** One token, as a file of tokens has it. */
export interface TokenOptions {
  /** Stands in logs and in errors; `token 1`, `token 2` … by default. */
  readonly name?: string;
  /** The secret itself: 16 to 512 letters, digits and `-._~+/=`. */
  readonly token?: string;
  /** Instead of it, its SHA-256 in hexadecimal, so that the file holds no secret. */
  readonly sha256?: string;
  readonly scopes: readonly Scope[];
  /** How many requests a second the token may make; no limit by default. */
  readonly requestsPerSecond?: number;
}

/** A token that the server knows. */
export interface Token {
  readonly name: string;
  readonly digest: Uint8Array;
  readonly scopes: ReadonlySet<Scope>;
  readonly requestsPerSecond: number | undefined;
}

const SECRET = /^[A-Za-z0-9\-._~+/=]{16,512}$/;
const SECRET_RULE = "must have 16 to 512 characters, each a letter, a digit or one of -._~+/=";

const tokenSchema = v.strictObject({
  name: v.optional(v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"))),
  token: v.optional(v.pipe(v.string("must be a string"), v.regex(SECRET, SECRET_RULE))),
  sha256: v.optional(
    v.pipe(v.string("must be a string"), v.regex(/^[0-9a-f]{64}$/i, "must have 64 hexadecimal digits")),
  ),
  scopes: v.pipe(
    v.array(v.picklist(SCOPES, `must be one of ${SCOPES.join(", ")}`), "must be a list"),
    v.nonEmpty("must not be empty"),
  ),
  requestsPerSecond: v.optional(v.pipe(v.number("must be a number"), v.gtValue(0, "must be over 0"))),
});

const tokensSchema = v.strictObject({ tokens: v.array(tokenSchema, "must be a list") });

/**
 * Checks tokens and keeps their digests; `where` is the path that messages start with.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseTokens(given: unknown, where: string): Token[] {
  const { tokens } = parseOptions(tokensSchema, { tokens: given }, where);
  const names = new Set<string>();
  const digests = new Set<string>();
  return tokens.map(({ name = "", token, sha256, scopes, requestsPerSecond }, position) => {
    const at = `${where}.tokens.${position}`;
    const shown = name || `token ${position + 1}`;
    if ((token === undefined) === (sha256 === undefined)) throw invalid(at, "must have one of token and sha256");
    const digest = token === undefined ? Uint8Array.fromHex(sha256 ?? "") : digestOf(token);
    if (names.has(shown)) throw invalid(`${at}.name`, "must not occur twice");
    if (digests.has(digest.toHex())) throw invalid(at, "is the same secret as another token");
    names.add(shown);
    digests.add(digest.toHex());
    return { name: shown, digest, scopes: new Set(scopes), requestsPerSecond };
  });
}

/**
 * Tokens in a line, as an environment variable has them: `ingest:<secret>,read+admin:<secret>`.
 *
 * @throws TelepoolError `INVALID_OPTION`, with `where` as its field
 */
export function tokensFromText(text: string, where: string): TokenOptions[] {
  return text.split(",").map((entry, position) => {
    const [scopes, token, ...rest] = entry.trim().split(":");
    const names = scopes?.split("+") ?? [];
    if (token === undefined || rest.length > 0 || !names.every(isScope)) {
      throw invalid(
        where,
        `entry ${position + 1} must be scopes:secret, the scopes of ${SCOPES.join(", ")} joined by +`,
      );
    }
    return { token, scopes: names };
  });
}

/** The token that was presented, if it is one of these. */
export function findToken<T extends Token>(tokens: readonly T[], presented: string): T | undefined {
  const digest = digestOf(presented);
  let found: T | undefined;
  for (const token of tokens) if (crypto.timingSafeEqual(token.digest, digest)) found = token;
  return found;
}

function digestOf(secret: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(secret).digest();
}

function invalid(field: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
}

/**
 * The environment: the only file that knows its variables, but for those of the copy, which its package knows. An empty one
 * counts as absent.
 */
import { TelepoolError } from "@telepool/core";
import { inR2Variables, R2_VARIABLES, r2OptionsFromEnv } from "@telepool/r2-sync/env";
import { closest } from "fastest-levenshtein";
import { tokensFromText } from "./access/tokens.ts";
import type { AppLimits } from "./app-limits.ts";
import { LOG_LEVELS } from "./observability/log.ts";
import type { ServeOptions } from "./serving/serve-options.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** The limits that a variable can set. What is too small or too large for one is told by `serve`. */
const LIMITS = {
  TELEPOOL_MAX_BODY_BYTES: "maxBodyBytes",
  TELEPOOL_MAX_BYTES_UNDER_WAY: "maxBytesUnderWay",
  TELEPOOL_REQUEST_TIMEOUT_S: "requestTimeoutS",
  TELEPOOL_IDLE_MS: "idleMs",
  TELEPOOL_QUERY_TIMEOUT_MS: "queryTimeoutMs",
  TELEPOOL_MAX_IMPORTS: "maxImports",
  TELEPOOL_MAX_LONG_QUERIES: "maxLongQueries",
  TELEPOOL_MAX_TAIL_READERS: "maxTailReaders",
} as const satisfies Readonly<Record<string, keyof AppLimits>>;

/** The variables of the other settings, by the option that each sets. */
const OPTIONS = {
  dbUrl: "TELEPOOL_DB_URL",
  host: "TELEPOOL_HOST",
  port: "TELEPOOL_PORT",
  tokens: "TELEPOOL_TOKENS",
  tokensFile: "TELEPOOL_TOKENS_FILE",
  insecureNoAuth: "TELEPOOL_INSECURE_NO_AUTH",
  corsOrigins: "TELEPOOL_CORS_ORIGINS",
  logLevel: "TELEPOOL_LOG_LEVEL",
} as const satisfies Partial<Readonly<Record<keyof ServeOptions, string>>>;

const KNOWN: readonly string[] = [...Object.values(OPTIONS), ...Object.keys(LIMITS), ...R2_VARIABLES];
/** Those of the tests and the benchmark. */
const FOREIGN = /^TELEPOOL_(?:TEST|BENCH|FUZZ|NODE_TEST)_/;

/** A message about an option, in the words of whoever set it by a variable: `serve.host` becomes `TELEPOOL_HOST`. */
export function inVariables(message: string): string {
  return inR2Variables(message)
    .replaceAll(/\bserve\.limits\.(\w+)/g, (path, limit) => {
      return Object.entries(LIMITS).find(([, name]) => name === limit)?.[0] ?? path;
    })
    .replaceAll(
      /\bserve\.(\w+)/g,
      (path, option) => new Map<string, string>(Object.entries(OPTIONS)).get(option) ?? path,
    );
}

/**
 * The server's options as the environment has them.
 *
 * @throws TelepoolError `INVALID_OPTION`, with the variable as `field`
 */
export function readEnv(env: Variables): ServeOptions {
  refuseUnknown(env);
  const sync = r2OptionsFromEnv(env);
  const origins = env.TELEPOOL_CORS_ORIGINS?.split(",").map((origin) => origin.trim());
  return {
    ...(env.TELEPOOL_DB_URL ? { dbUrl: env.TELEPOOL_DB_URL } : {}),
    ...(env.TELEPOOL_HOST ? { host: env.TELEPOOL_HOST } : {}),
    ...(env.TELEPOOL_PORT ? { port: wholeNumber(env, "TELEPOOL_PORT", 65_535) } : {}),
    ...(env.TELEPOOL_TOKENS ? { tokens: tokensFromText(env.TELEPOOL_TOKENS, "TELEPOOL_TOKENS") } : {}),
    ...(env.TELEPOOL_TOKENS_FILE ? { tokensFile: env.TELEPOOL_TOKENS_FILE } : {}),
    ...(env.TELEPOOL_INSECURE_NO_AUTH ? { insecureNoAuth: yesOrNo(env, "TELEPOOL_INSECURE_NO_AUTH") } : {}),
    ...(origins === undefined || origins[0] === "" ? {} : { corsOrigins: origins }),
    ...(env.TELEPOOL_LOG_LEVEL ? { logLevel: oneOf(env, "TELEPOOL_LOG_LEVEL", LOG_LEVELS) } : {}),
    ...limits(env),
    ...(sync === undefined ? {} : { sync }),
  };
}

/** A misspelt variable would be ignored, and one about tokens would open a server that somebody meant to close. */
function refuseUnknown(env: Variables): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith("TELEPOOL_") || KNOWN.includes(name) || FOREIGN.test(name) || !env[name]) continue;
    throw invalid(name, `is not a setting; did you mean ${closest(name, KNOWN)}?`);
  }
}

function limits(env: Variables): { readonly limits?: AppLimits } {
  const given = Object.entries(LIMITS).filter(([variable]) => env[variable]);
  if (given.length === 0) return {};
  const entries = given.map(([variable, limit]) => [limit, wholeNumber(env, variable, Number.MAX_SAFE_INTEGER)]);
  return { limits: Object.fromEntries(entries) };
}

function wholeNumber(env: Variables, variable: string, most: number): number {
  const text = env[variable] ?? "";
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw invalid(variable, `must be a whole number from 0 to ${most} (got ${text})`);
}

function yesOrNo(env: Variables, variable: string): boolean {
  return oneOf(env, variable, ["true", "false", "1", "0"]) === "true" || env[variable] === "1";
}

function oneOf<const Words extends readonly string[]>(env: Variables, variable: string, words: Words): Words[number] {
  const found = words.find((word) => word === env[variable]);
  if (found !== undefined) return found;
  throw invalid(variable, `must be one of ${words.join(", ")} (got ${env[variable]})`);
}

function invalid(field: string, rule: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field });
}

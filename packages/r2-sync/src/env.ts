/**
 * The settings of a sync as environment variables, for programs that are set up by them. Loads nothing of the sync itself. An
 * empty variable counts as absent; there is a sync when TELEPOOL_R2_BUCKET is set.
 */
import { readFileSync } from "node:fs";
import { TelepoolError } from "@telepool/core";
import type { R2SyncOptions } from "./sync-options.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What TELEPOOL_R2_KEEP_DAYS may say instead of a number. */
const FOREVER = "forever";
const SECRET_FILE = "TELEPOOL_R2_SECRET_ACCESS_KEY_FILE";

/** The variables, by the option that each sets. */
const OPTIONS = {
  bucket: "TELEPOOL_R2_BUCKET",
  accountId: "TELEPOOL_R2_ACCOUNT_ID",
  jurisdiction: "TELEPOOL_R2_JURISDICTION",
  endpoint: "TELEPOOL_R2_ENDPOINT",
  allowInsecureEndpoint: "TELEPOOL_R2_ALLOW_INSECURE_ENDPOINT",
  "credentials.accessKeyId": "TELEPOOL_R2_ACCESS_KEY_ID",
  "credentials.secretAccessKey": "TELEPOOL_R2_SECRET_ACCESS_KEY",
  "credentials.sessionToken": "TELEPOOL_R2_SESSION_TOKEN",
  prefix: "TELEPOOL_R2_PREFIX",
} as const;

/** Those that are numbers, with how many of the option's units one of theirs is. */
const NUMBERS = {
  intervalMs: ["TELEPOOL_R2_INTERVAL_S", 1000],
  keepMs: ["TELEPOOL_R2_KEEP_DAYS", 86_400_000],
  graceMs: ["TELEPOOL_R2_GRACE_HOURS", 3_600_000],
  checkpointEveryMs: ["TELEPOOL_R2_CHECKPOINT_DAYS", 86_400_000],
  proofEveryMs: ["TELEPOOL_R2_PROOF_HOURS", 3_600_000],
  summaryEveryMs: ["TELEPOOL_R2_SUMMARY_S", 1000],
  flushTimeoutMs: ["TELEPOOL_R2_FLUSH_TIMEOUT_S", 1000],
} as const;

/** The names of all variables. */
export const R2_VARIABLES: readonly string[] = [
  ...Object.values(OPTIONS),
  SECRET_FILE,
  ...Object.values(NUMBERS).map(([name]) => name),
];

/**
 * The options that the environment has; `undefined` when it names no bucket.
 *
 * @throws TelepoolError `INVALID_OPTION`, with the variable as `field`
 */
export function r2OptionsFromEnv(env: Variables): R2SyncOptions | undefined {
  const bucket = env[OPTIONS.bucket];
  if (!bucket) {
    const stray = R2_VARIABLES.find((name) => env[name]);
    if (stray === undefined) return undefined;
    throw invalid(OPTIONS.bucket, `is missing beside ${stray}`);
  }
  const texts = ["accountId", "jurisdiction", "endpoint", "prefix"] as const;
  const given = texts.flatMap((option) => (env[OPTIONS[option]] ? [[option, env[OPTIONS[option]]] as const] : []));
  const numbers = Object.entries(NUMBERS).flatMap(([option, [name, unit]]) => {
    if (option === "keepMs" && env[name] === FOREVER) return [[option, Number.POSITIVE_INFINITY] as const];
    return env[name] ? [[option, wholeNumber(env, name) * unit] as const] : [];
  });
  return {
    bucket,
    ...Object.fromEntries([...given, ...numbers]),
    ...(env[OPTIONS.allowInsecureEndpoint]
      ? { allowInsecureEndpoint: yesOrNo(env, OPTIONS.allowInsecureEndpoint) }
      : {}),
    credentials: {
      accessKeyId: required(env, OPTIONS["credentials.accessKeyId"]),
      secretAccessKey: secretOf(env),
      ...(env[OPTIONS["credentials.sessionToken"]]
        ? { sessionToken: env[OPTIONS["credentials.sessionToken"]] ?? "" }
        : {}),
    },
  };
}

/** A message about an option, in the words of whoever set it by a variable: `sync.bucket` becomes `TELEPOOL_R2_BUCKET`. */
export function inR2Variables(message: string): string {
  const names = new Map<string, string>([
    ...Object.entries(OPTIONS),
    ...Object.entries(NUMBERS).map(([option, [name]]) => [option, name] as const),
  ]);
  return message.replaceAll(/\b(?:sync|r2)\.(credentials\.\w+|\w+)/g, (path, option) => names.get(option) ?? path);
}

function secretOf(env: Variables): string {
  const file = env[SECRET_FILE];
  const name = OPTIONS["credentials.secretAccessKey"];
  if (!file) return required(env, name);
  if (env[name]) throw invalid(SECRET_FILE, `and ${name} cannot both be set`);
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw invalid(SECRET_FILE, "names a file that cannot be read", error);
  }
}

function required(env: Variables, name: string): string {
  const value = env[name];
  if (value) return value;
  throw invalid(name, `is missing beside ${OPTIONS.bucket}`);
}

function wholeNumber(env: Variables, name: string): number {
  const text = env[name] ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalid(name, `must be a whole number from 0 to 999999999 (got ${text})`);
}

function yesOrNo(env: Variables, name: string): boolean {
  const text = env[name] ?? "";
  if (["true", "1"].includes(text)) return true;
  if (["false", "0"].includes(text)) return false;
  throw invalid(name, `must be true or false (got ${text})`);
}

function invalid(field: string, rule: string, cause?: unknown): TelepoolError {
  return new TelepoolError("INVALID_OPTION", `${field} ${rule}`, { field, cause });
}

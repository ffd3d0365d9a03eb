/**
 * Where the copies are: flags over environment variables. Errors come out in the words of whoever made the setting: the flag
 * where there was one, else the variable. Loads nothing of the sync itself.
 */
import { isTelepoolError, TelepoolError } from "@telepool/core";
import type { R2SyncOptions } from "@telepool/r2-sync";
import { inR2Variables, r2OptionsFromEnv } from "@telepool/r2-sync/env";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../context.ts";
import type { BucketFlags } from "./bucket-flags.ts";

/** How long is tried again for somebody who waits at a terminal for one answer. */
const IMPATIENT_MS = 5000;

const FLAGS = {
  bucket: ["--bucket", "TELEPOOL_R2_BUCKET"],
  accountId: ["--account-id", "TELEPOOL_R2_ACCOUNT_ID"],
  jurisdiction: ["--jurisdiction", "TELEPOOL_R2_JURISDICTION"],
  endpoint: ["--endpoint", "TELEPOOL_R2_ENDPOINT"],
  prefix: ["--prefix", "TELEPOOL_R2_PREFIX"],
} as const satisfies Record<keyof BucketFlags, readonly [flag: string, variable: string]>;

/** The variables that a flag stands against: an account has its endpoint, and an endpoint needs no account. */
const REPLACED: Partial<Record<keyof BucketFlags, readonly string[]>> = {
  accountId: ["TELEPOOL_R2_ENDPOINT"],
  endpoint: ["TELEPOOL_R2_ACCOUNT_ID", "TELEPOOL_R2_JURISDICTION"],
};

const SECRET = "TELEPOOL_R2_SECRET_ACCESS_KEY";
/** Fields of errors that are options of a command. */
const OPTION_FIELDS: Readonly<Record<string, string>> = { to: "--to", source: "--source", into: "--into" };

/** The settings of a bucket, with the names that its errors are told in. */
export class R2Settings {
  readonly options: R2SyncOptions;
  readonly #names: ReadonlyMap<string, string>;

  private constructor(options: R2SyncOptions, names: ReadonlyMap<string, string>) {
    this.options = options;
    this.#names = names;
  }

  /**
   * The settings of a run; `undefined` when no bucket is named.
   *
   * @throws TelepoolError `INVALID_OPTION`
   */
  static find({ env }: CommandContext, flags: BucketFlags): R2Settings | undefined {
    const variables: Record<string, string | undefined> = { ...env.variables };
    const names = new Map<string, string>();
    if (variables[`${SECRET}_FILE`] && !variables[SECRET]) names.set(SECRET, `${SECRET}_FILE`);
    const given = Object.keys(FLAGS) as (keyof BucketFlags)[]; // its keys are the flags
    for (const option of given) {
      if (flags[option] === undefined) continue;
      const [flag, variable] = FLAGS[option];
      for (const other of REPLACED[option] ?? []) variables[other] = undefined;
      names.set(variable, flag);
    }
    for (const option of given) if (flags[option] !== undefined) variables[FLAGS[option][1]] = flags[option];
    try {
      const options = r2OptionsFromEnv(variables);
      return options === undefined ? undefined : new R2Settings(options, names);
    } catch (error) {
      throw inWords(error, names);
    }
  }

  /**
   * The settings of a command that is of no use without a bucket.
   *
   * @throws CliError `USAGE`, TelepoolError `INVALID_OPTION`
   */
  static require(context: CommandContext, flags: BucketFlags): R2Settings {
    const settings = R2Settings.find(context, flags);
    if (settings !== undefined) return settings;
    throw new CliError("USAGE", "no bucket is named; set TELEPOOL_R2_BUCKET, or give --bucket", {
      hint: "beside it go TELEPOOL_R2_ACCOUNT_ID, TELEPOOL_R2_ACCESS_KEY_ID and TELEPOOL_R2_SECRET_ACCESS_KEY",
    });
  }

  /** The options for one who waits for an answer, and can ask again. */
  get impatient(): R2SyncOptions {
    return { ...this.options, retryTimeoutMs: IMPATIENT_MS };
  }

  /** A message of the sync in the names that its settings have here. */
  inWords(message: string): string {
    return renamed(message, this.#names);
  }

  /** Runs work whose errors name settings. */
  async explain<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw inWords(error, this.#names);
    }
  }
}

/** The same error, in the names that settings have here, and with the setting that is at fault before it. */
function inWords(error: unknown, names: ReadonlyMap<string, string>): unknown {
  if (!isTelepoolError(error)) return error;
  const { code, cause, retryAfterMs, field } = error;
  const message = renamed(error.message, names);
  const setting = field === undefined ? undefined : (OPTION_FIELDS[field] ?? renamed(field, names));
  const isSetting = setting !== undefined && /^(?:--|TELEPOOL_R2_)/.test(setting);
  return new TelepoolError(code, isSetting && !message.includes(setting) ? `${setting}: ${message}` : message, {
    cause,
    ...(setting === undefined ? {} : { field: setting }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return inR2Variables(text).replaceAll(/\bTELEPOOL_R2_[A-Z_]+/g, (variable) => names.get(variable) ?? variable);
}

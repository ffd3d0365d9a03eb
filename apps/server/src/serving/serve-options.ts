/** The options of `serve`, checked once. */
import { parseOptions, TelemetryPool, TelepoolError, wholeNumber } from "@telepool/core";
import type { R2SyncOptions } from "@telepool/r2-sync";
import * as v from "valibot";
import { parseTokens, type TokenOptions } from "../access/tokens.ts";
import { readTokensFile } from "../access/tokens-file.ts";
import { type AppLimits, parseLimits } from "../app-limits.ts";
import { atLeast, LOG_LEVELS, type Log, type LogLevel, logToStderr } from "../observability/log.ts";
import { isLoopback } from "./loopback.ts";
import type { RunningServer } from "./serve.ts";

/** What `serve` can be told; all of it has a default. */
export interface ServeOptions {
  /** A store of the caller's, which stays open when the server closes. */
  readonly store?: TelemetryPool;
  /** Where the server's own store is; `sqlite://./telepool.db` by default. It is closed with the server. */
  readonly dbUrl?: string;
  /**
   * Where the server's own store is copied to, as the variables of docs/operations.md have it, whose names its errors use. A
   * `store` is given a copy of its own instead.
   */
  readonly sync?: R2SyncOptions;
  /** The address to listen on; `127.0.0.1` by default, which only this machine reaches. Another one wants tokens. */
  readonly host?: string;
  /** The port; 8081 by default, 0 for any that is free. */
  readonly port?: number;
  /** Who may do what; without tokens everybody who reaches the server may do everything. */
  readonly tokens?: readonly TokenOptions[];
  /** A file with more tokens: `{"tokens": [ … ]}`. It is read once. */
  readonly tokensFile?: string;
  /** Allows an address that other machines reach without any token. */
  readonly insecureNoAuth?: boolean;
  /** The origins whose pages may call the server (`https://app.example`); none by default. */
  readonly corsOrigins?: readonly string[];
  readonly limits?: AppLimits;
  /** How much is logged; `info` by default. */
  readonly logLevel?: LogLevel;
  /** Where log entries go; JSON lines on stderr by default. It gets all that `logLevel` allows. */
  readonly log?: Log;
  /** Called when the server listens, just before `serve` resolves. */
  readonly onListening?: (server: RunningServer) => void;
}

/** Options with their defaults. */
export interface ParsedServeOptions {
  readonly store: TelemetryPool | undefined;
  readonly dbUrl: string;
  readonly sync: R2SyncOptions | undefined;
  readonly host: string;
  readonly port: number;
  readonly tokens: readonly TokenOptions[];
  readonly corsOrigins: readonly string[] | undefined;
  readonly limits: Required<AppLimits>;
  readonly log: Log;
  readonly logLevel: LogLevel;
  readonly onListening: ServeOptions["onListening"];
}

const ORIGIN_RULE = "must be an origin such as https://app.example, without a path";

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const origin = v.pipe(text, v.check(isOrigin, ORIGIN_RULE));

const optionsSchema = v.strictObject({
  store: v.optional(v.instance(TelemetryPool, "must be a TelemetryPool")),
  dbUrl: v.optional(v.string("must be a string")),
  sync: v.optional(v.custom<R2SyncOptions>(isObject, "must be an object")), // who makes the copy checks them
  host: v.optional(text, "127.0.0.1"),
  port: v.optional(wholeNumber(0, 65_535), 8081),
  tokens: v.optional(v.custom<readonly TokenOptions[]>(Array.isArray, "must be a list"), []),
  tokensFile: v.optional(text),
  insecureNoAuth: v.optional(v.boolean("must be true or false"), false),
  corsOrigins: v.optional(v.array(origin, "must be a list")),
  limits: v.optional(v.custom<AppLimits>(isObject, "must be an object"), {}),
  logLevel: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`), "info"),
  log: v.optional(v.custom<Log>(isFunction, "must be a function")),
  onListening: v.optional(v.custom<(server: RunningServer) => void>(isFunction, "must be a function")),
});

/** @throws TelepoolError `INVALID_OPTION` */
export function parseServeOptions(options: ServeOptions): ParsedServeOptions {
  const { tokensFile, insecureNoAuth, limits, ...parsed } = parseOptions(optionsSchema, options, "serve");
  if (parsed.store !== undefined && parsed.dbUrl !== undefined) {
    throw invalid("serve.dbUrl", "serve.store and serve.dbUrl cannot both be given");
  }
  if (parsed.store !== undefined && parsed.sync !== undefined) {
    throw invalid("serve.sync", "serve.store and serve.sync cannot both be given; give the store its sync");
  }
  parseTokens(parsed.tokens, "serve");
  const fromFile = tokensFile === undefined ? [] : readTokensFile(tokensFile);
  parseTokens(fromFile, tokensFile ?? "serve");
  if (tokensFile !== undefined && fromFile.length === 0) {
    // Whoever names a file wants to be asked for tokens; an empty one must not mean that nobody is.
    throw invalid("serve.tokensFile", `serve.tokensFile: ${tokensFile} has no tokens in it`);
  }
  const tokens = [...parsed.tokens, ...(fromFile as readonly TokenOptions[])]; // just checked
  if (tokens.length === 0 && !insecureNoAuth && !isLoopback(parsed.host)) {
    const rule = "other machines can reach this address, so it wants tokens: TELEPOOL_TOKENS or TELEPOOL_TOKENS_FILE";
    throw invalid("serve.host", `serve.host: ${rule} (or --insecure-no-auth, which lets everybody do everything)`);
  }
  return {
    ...parsed,
    limits: parseLimits(limits, "serve.limits"),
    store: parsed.store,
    sync: parsed.sync,
    corsOrigins: parsed.corsOrigins,
    onListening: parsed.onListening,
    dbUrl: parsed.dbUrl ?? "sqlite://./telepool.db",
    tokens,
    log: atLeast(parsed.logLevel, parsed.log ?? logToStderr()),
  };
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}

function invalid(field: string, text: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", text, { field });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

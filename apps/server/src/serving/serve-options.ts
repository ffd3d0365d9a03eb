/** The options of `serve`, checked once. */
import { parseOptions, TelemetryPool, TelepoolError, wholeNumber } from "@telepool/core";
import * as v from "valibot";
import { parseTokens, type TokenOptions } from "../access/tokens.ts";
import { readTokensFile } from "../access/tokens-file.ts";
import { type AppLimits, DEFAULT_MAX_BODY_BYTES } from "../app-deps.ts";
import { LOG_LEVELS, type Log, type LogLevel, logToStderr } from "../observability/log.ts";
import { isLoopback } from "./loopback.ts";
import type { RunningServer } from "./serve.ts";

/** What `serve` can be told; all of it has a default. */
export interface ServeOptions {
  /** A store of the caller's, which stays open when the server closes. */
  readonly store?: TelemetryPool;
  /** Where the server's own store is; `sqlite://./telepool.db` by default. It is closed with the server. */
  readonly dbUrl?: string;
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
  readonly host: string;
  readonly port: number;
  readonly tokens: readonly TokenOptions[];
  readonly corsOrigins: readonly string[] | undefined;
  readonly limits: AppLimits;
  readonly log: Log;
  readonly logLevel: LogLevel;
  readonly onListening: ServeOptions["onListening"];
}

const DEFAULT_QUERY_TIMEOUT_MS = 25_000;
const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
const ORIGIN_RULE = "must be an origin such as https://app.example, without a path";

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const origin = v.pipe(text, v.check(isOrigin, ORIGIN_RULE));

const limitsSchema = v.strictObject({
  requestTimeoutS: v.optional(wholeNumber(1, 255, "seconds"), 30),
  maxBodyBytes: v.exactOptional(wholeNumber(1024, 2 ** 30, "bytes")),
  maxBytesUnderWay: v.exactOptional(wholeNumber(1024, MAX_INTEGER, "bytes")),
  idleMs: v.exactOptional(wholeNumber(1, 2 ** 31 - 1, "milliseconds")),
  queryTimeoutMs: v.exactOptional(wholeNumber(1, 2 ** 31 - 1, "milliseconds")),
  maxImports: v.exactOptional(wholeNumber(1, 10_000)),
  maxLongQueries: v.exactOptional(wholeNumber(1, 10_000)),
  maxTailReaders: v.exactOptional(wholeNumber(1, 100_000)),
});

const optionsSchema = v.strictObject({
  store: v.optional(v.instance(TelemetryPool, "must be a TelemetryPool")),
  dbUrl: v.optional(v.string("must be a string")),
  host: v.optional(text, "127.0.0.1"),
  port: v.optional(wholeNumber(0, 65_535), 8081),
  tokens: v.optional(v.custom<readonly TokenOptions[]>(Array.isArray, "must be a list"), []),
  tokensFile: v.optional(text),
  insecureNoAuth: v.optional(v.boolean("must be true or false"), false),
  corsOrigins: v.optional(v.array(origin, "must be a list")),
  limits: v.optional(limitsSchema, {}),
  logLevel: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`), "info"),
  log: v.optional(v.custom<Log>(isFunction, "must be a function")),
  onListening: v.optional(v.custom<(server: RunningServer) => void>(isFunction, "must be a function")),
});

/** @throws TelepoolError `INVALID_OPTION` */
export function parseServeOptions(options: ServeOptions): ParsedServeOptions {
  const { tokensFile, insecureNoAuth, limits, ...parsed } = parseOptions(optionsSchema, options, "serve");
  const { requestTimeoutS, maxBodyBytes, maxBytesUnderWay } = limits;
  if (parsed.store !== undefined && parsed.dbUrl !== undefined) {
    throw invalid("serve.dbUrl", "serve.store and serve.dbUrl cannot both be given");
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
  if (maxBytesUnderWay !== undefined && maxBytesUnderWay < (maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES)) {
    const rule = `must be at least the largest body, ${maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES} (got ${maxBytesUnderWay})`;
    throw invalid("serve.limits.maxBytesUnderWay", `serve.limits.maxBytesUnderWay ${rule}`);
  }
  const { queryTimeoutMs = Math.min(DEFAULT_QUERY_TIMEOUT_MS, requestTimeoutS * 900) } = limits;
  if (queryTimeoutMs >= requestTimeoutS * 1000) {
    const rule = `must be less than the time of a request, ${requestTimeoutS} s (got ${queryTimeoutMs})`;
    throw invalid("serve.limits.queryTimeoutMs", `serve.limits.queryTimeoutMs ${rule}`);
  }
  return {
    ...parsed,
    limits: { ...limits, queryTimeoutMs },
    store: parsed.store,
    corsOrigins: parsed.corsOrigins,
    onListening: parsed.onListening,
    dbUrl: parsed.dbUrl ?? "sqlite://./telepool.db",
    tokens,
    log: parsed.log ?? logToStderr(parsed.logLevel),
  };
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}

function invalid(field: string, text: string): TelepoolError {
  return new TelepoolError("INVALID_OPTION", text, { field });
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

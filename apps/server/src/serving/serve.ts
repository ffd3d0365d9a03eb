/**
 * A server on a socket: the app, the store behind it, and their orderly end.
 *
 * The store is open before the port is, so that whoever can connect is served. At the end the port closes first, then
 * the requests under way finish, then the queues are written; an answer that was sent is about rows that are committed.
 */
import {
  createPool,
  emitMetrics,
  MetricSet,
  registeredMeterProvider,
  type TelemetryPool,
  TelepoolError,
} from "@telepool/core";
import { inR2Variables } from "@telepool/r2-sync/env";
import type { Server } from "bun";
import type { AppDeps } from "../app-deps.ts";
import { createApp } from "../create-app.ts";
import { describeError } from "../observability/log.ts";
import { openSync } from "../sync/open-sync.ts";
import { asOptions, type SettingWords, statusInSettingWords } from "../sync/setting-words.ts";
import { SyncLog } from "../sync/sync-log.ts";
import { listenError } from "./listen-error.ts";
import { isLoopback } from "./loopback.ts";
import { type ParsedServeOptions, parseServeOptions, type ServeOptions } from "./serve-options.ts";

/** How a server ends. */
export interface CloseOptions {
  /** How long everything may take, in milliseconds; 10 000 by default. Requests get three quarters of it. */
  readonly timeoutMs?: number;
}

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:8081`, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  /** The real port, also where 0 was asked for. */
  readonly port: number;
  /** What the data is in: `sqlite ./telepool.db`. */
  readonly database: string;
  /**
   * Stops listening, finishes the requests under way, writes the queues, and closes the store if it is the server's own.
   *
   * @throws TelepoolError `CLOSE_TIMEOUT` when requests had to be cut off; what they had been told was stored is stored
   */
  close(options?: CloseOptions): Promise<void>;
}

const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;
const SHARE_OF_REQUESTS = 0.75;

/**
 * Opens the store, then listens.
 *
 * @throws ListenError; TelepoolError `INVALID_OPTION`, `INVALID_ARGUMENT`, or what the database said
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const parsed = parseServeOptions(options);
  const { store: given, dbUrl, host, port, onListening } = parsed;
  const sync = parsed.sync === undefined ? undefined : await openSync(parsed.sync);
  const store = given ?? createPool(dbUrl, sync === undefined ? {} : { sync });
  const closeStore = async (timeoutMs: number): Promise<void> => {
    await (given === undefined ? store.close({ timeoutMs }) : within(timeoutMs, store.flush()));
  };
  const draining = new AbortController();
  const metrics = new MetricSet();
  let listening: Server<unknown> | undefined;
  let stopEmitting: (() => void) | undefined;
  let copyLog: SyncLog | undefined;
  try {
    const database = await openStore(store);
    const provider = await registeredMeterProvider();
    const settingWords = sync === undefined ? asOptions : inR2Variables;
    const server = listen(store, parsed, { draining: draining.signal, metrics, settingWords });
    listening = server;
    stopEmitting = provider === undefined ? undefined : emitMetrics(metrics, provider);
    warnIfOpen(parsed);
    copyLog = logCopy(store, parsed, settingWords);
    let closing: Promise<void> | undefined;
    const close = ({ timeoutMs = DEFAULT_CLOSE_TIMEOUT_MS }: CloseOptions = {}): Promise<void> => {
      draining.abort();
      stopEmitting?.();
      closing ??= closeInOrder(server, closeStore, timeoutMs).finally(() => {
        copyLog?.look();
        copyLog?.[Symbol.dispose]();
      });
      return closing;
    };
    const running: RunningServer = {
      url: server.url.origin,
      host,
      port: server.port ?? port,
      database,
      close,
      [Symbol.asyncDispose]: () => close(),
    };
    onListening?.(running);
    return running;
  } catch (error) {
    stopEmitting?.();
    copyLog?.[Symbol.dispose]();
    await listening?.stop(true);
    await closeStore(DEFAULT_CLOSE_TIMEOUT_MS).catch(() => undefined); // the first error is the one to report
    throw error;
  }
}

/** Opens the store and says what it is. */
async function openStore(store: TelemetryPool): Promise<string> {
  await store.open();
  const health = await store.health();
  if (!health.ok) throw new TelepoolError("CONNECT_FAILED", health.error.message);
  return `${health.driver} ${health.location}`;
}

function listen(
  store: TelemetryPool,
  options: ParsedServeOptions,
  more: Pick<AppDeps, "draining" | "metrics" | "settingWords">,
): Server<unknown> {
  const { host, port, log, logLevel, tokens, corsOrigins, limits } = options;
  const app = createApp({
    store,
    log,
    logRequests: logLevel === "debug",
    access: { tokens, anyHost: !isLoopback(host) },
    limits,
    ...more,
    ...(corsOrigins === undefined ? {} : { corsOrigins }),
  });
  app.router.match("GET", "/"); // builds the router now, not in the first request
  try {
    return Bun.serve({
      hostname: host,
      port,
      fetch: (request, server) => app.fetch(request, server),
      error: (error) => {
        log({ level: "error", message: "request failed", error: describeError(error) });
        return new Response(null, { status: 500 });
      },
      development: false,
      // Said outright, because `development: false` alone lets a second server share the port unnoticed.
      reusePort: false,
      // Counts from a request's head to its answer, so it also ends clients that send drop by drop (http/hold-connection.ts).
      idleTimeout: limits.requestTimeoutS,
      // The app holds the limit, and says so in its own words; Bun's 413 is empty.
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    });
  } catch (error) {
    throw listenError(error, host, port);
  }
}

/** Has the log follow the copy of the store, if it has one. */
function logCopy(store: TelemetryPool, { log }: ParsedServeOptions, words: SettingWords): SyncLog | undefined {
  const { sync: first } = store.stats();
  if (first === undefined) return undefined;
  return new SyncLog({ log, status: () => statusInSettingWords(store.stats().sync ?? first, words) });
}

function warnIfOpen({ host, tokens, log }: ParsedServeOptions): void {
  if (isLoopback(host) || tokens.length > 0) return;
  log({ level: "warn", message: `other machines can reach ${host}, and whoever does can read, write and remove` });
}

async function closeInOrder(
  server: Server<unknown>,
  closeStore: (timeoutMs: number) => Promise<void>,
  timeoutMs: number,
): Promise<void> {
  const startedMs = performance.now();
  const requestsMs = timeoutMs * SHARE_OF_REQUESTS;
  const finished = await within(requestsMs, server.stop());
  const cut = server.pendingRequests;
  if (!finished) void server.stop(true);
  await closeStore(Math.max(0, timeoutMs - (performance.now() - startedMs)));
  if (!finished) {
    throw new TelepoolError(
      "CLOSE_TIMEOUT",
      `${cut} requests were cut off: they had not ended within ${requestsMs} ms`,
    );
  }
}

/** Whether `work` was done in time. */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  const { promise: deadline, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([work.then(() => true), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

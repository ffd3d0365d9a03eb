/** The HTTP server of telepool: the app for tests and other servers, and the server with its socket. */
export type { AccessOptions } from "./access/access.ts";
export type { Scope } from "./access/scopes.ts";
export type { TokenOptions } from "./access/tokens.ts";
export type { AppDeps, AppStore } from "./app-deps.ts";
export type { AppLimits } from "./app-limits.ts";
export { type App, createApp } from "./create-app.ts";
export { readEnv } from "./env.ts";
export type { HttpErrorCode } from "./http/http-error.ts";
export type { Problem } from "./http/problem.ts";
export type { Log, LogEntry } from "./observability/log.ts";
export { endLeanStart } from "./serving/lean-start.ts";
export { ListenError } from "./serving/listen-error.ts";
export { exitCodeOf, runServer, shutDown } from "./serving/run-server.ts";
export { type CloseOptions, type RunningServer, serve } from "./serving/serve.ts";
export type { ServeOptions } from "./serving/serve-options.ts";

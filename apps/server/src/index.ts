/** The HTTP server of telepool: the app for tests and other servers, and the server with its socket. */
export type { AppDeps, AppStore } from "./app-deps.ts";
export { type App, createApp } from "./create-app.ts";
export type { HttpErrorCode } from "./http-error.ts";
export { ListenError } from "./listen-error.ts";
export type { Log, LogEntry } from "./log.ts";
export type { Problem } from "./problem.ts";
export { exitCodeOf, runServer, shutDown } from "./run-server.ts";
export { type CloseOptions, type RunningServer, serve } from "./serve.ts";
export type { ServeOptions } from "./serve-options.ts";

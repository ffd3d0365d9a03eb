/** The options of `serve`, checked once. */
import { parseOptions, TelemetryPool, TelepoolError } from "@telepool/core";
import * as v from "valibot";
import { type Log, logToStderr } from "./log.ts";
import type { RunningServer } from "./serve.ts";

/** What `serve` can be told; all of it has a default. */
export interface ServeOptions {
  /** A store of the caller's, which stays open when the server closes. */
  readonly store?: TelemetryPool;
  /** Where the server's own store is; `sqlite://./telepool.db` by default. It is closed with the server. */
  readonly dbUrl?: string;
  /** The address to listen on; `127.0.0.1` by default, which only this machine reaches. */
  readonly host?: string;
  /** The port; 8081 by default, 0 for any that is free. */
  readonly port?: number;
  /** Where warnings and unexpected errors are reported; JSON lines on stderr by default. */
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
  readonly log: Log;
  readonly onListening: ServeOptions["onListening"];
}

const PORT = "must be a whole number from 0 to 65535";

const optionsSchema = v.strictObject({
  store: v.optional(v.instance(TelemetryPool, "must be a TelemetryPool")),
  dbUrl: v.optional(v.string("must be a string")),
  host: v.optional(v.pipe(v.string("must be a string"), v.minLength(1, "must not be empty")), "127.0.0.1"),
  port: v.optional(v.pipe(v.number(PORT), v.integer(PORT), v.minValue(0, PORT), v.maxValue(65_535, PORT)), 8081),
  log: v.optional(v.custom<Log>(isFunction, "must be a function")),
  onListening: v.optional(v.custom<(server: RunningServer) => void>(isFunction, "must be a function")),
});

/** @throws TelepoolError `INVALID_OPTION` */
export function parseServeOptions(options: ServeOptions): ParsedServeOptions {
  const { store, dbUrl, host, port, log, onListening } = parseOptions(optionsSchema, options, "serve");
  if (store !== undefined && dbUrl !== undefined) {
    throw new TelepoolError("INVALID_OPTION", "serve.store and serve.dbUrl cannot both be given", {
      field: "serve.dbUrl",
    });
  }
  return { store, dbUrl: dbUrl ?? "sqlite://./telepool.db", host, port, log: log ?? logToStderr, onListening };
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

/** Opens a database file with the settings that telepool relies on, and explains a file that cannot be opened. */
import { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { TelepoolError } from "@telepool/core";
import { resultCode } from "./sqlite-errors.ts";
import type { SqliteConfig } from "./sqlite-options.ts";

/** While a connection is opened it may wait for others that open the same file; afterwards waiting is the pool's task. */
const OPEN_TIMEOUT_MS = 2000;
/** What remains of the log's file on the disk after it has been emptied: overwriting is faster than growing. */
const LOG_KEPT_BYTES = 32 * 1024 * 1024;

/** How a connection behaves beyond the database's own settings. */
export interface ConnectionSettings {
  /** Whether it may change anything. */
  readonly writes: boolean;
  /** How long a statement may block its thread while another process holds a lock. */
  readonly busyTimeoutMs: number;
}

/** Opens the database. Creates the file, but not its folder. */
export function openDatabase(config: SqliteConfig, settings: ConnectionSettings): Database {
  const database = open(config);
  try {
    database.run(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
    if (config.path !== ":memory:" && !config.readOnly) useWriteAheadLog(database);
    database.run(`pragma synchronous = ${config.synchronous}`);
    database.run("pragma foreign_keys = on");
    database.run(`pragma journal_size_limit = ${LOG_KEPT_BYTES}`);
    // Checkpoints are the WAL keeper's task: SQLite's own would hold up the commit that reaches the limit.
    database.run("pragma wal_autocheckpoint = 0");
    if (!settings.writes) database.run("pragma query_only = on");
    database.run(`pragma busy_timeout = ${settings.busyTimeoutMs}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Freed pages can be given back only by a file that was made for it, so that comes before its first table. */
function useWriteAheadLog(database: Database): void {
  const mode = database.query<{ journal_mode: string }, []>("pragma journal_mode").get();
  if (mode?.journal_mode === "wal") return;
  database.run("pragma auto_vacuum = incremental");
  database.run("pragma journal_mode = wal");
}

function open(config: SqliteConfig): Database {
  try {
    return config.readOnly
      ? new Database(config.path, { readonly: true })
      : new Database(config.path, { create: true, readwrite: true });
  } catch (error) {
    throw explain(error, config.path);
  }
}

/** A better answer than "unable to open database file", where the file system has one. */
function explain(error: unknown, path: string): unknown {
  if (!resultCode(error)?.startsWith("SQLITE_CANTOPEN")) return error;
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) {
    return new TelepoolError("DATABASE_NOT_FOUND", `the folder ${folder} does not exist; create it first`, {
      cause: error,
    });
  }
  const file = statSync(path, { throwIfNoEntry: false });
  if (file === undefined) {
    return new TelepoolError("DATABASE_NOT_FOUND", `the database ${path} does not exist and could not be created`, {
      cause: error,
    });
  }
  if (file.isDirectory()) {
    return new TelepoolError("NOT_A_DATABASE", `${path} is a folder; name a file in it`, { cause: error });
  }
  return new TelepoolError("PERMISSION_DENIED", `the database ${path} may not be opened by this user`, {
    cause: error,
  });
}

/** Opens a database file with the settings that telepool relies on, and explains a file that cannot be opened. */
import { Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { type ErrorCode, TelepoolError } from "@telepool/core";
import { resultCode } from "./sqlite-errors.ts";
import { MEMORY, type SqliteConfig } from "./sqlite-options.ts";

/** While a connection is opened it may wait for others that open the same file; afterwards waiting is the pool's task. */
const OPEN_TIMEOUT_MS = 2000;
/** What remains of the log's file on the disk after it has been emptied: overwriting is faster than growing. */
const LOG_KEPT_BYTES = 32 * 1024 * 1024;

/**
 * Checkpoints are the WAL keeper's task, because SQLite's own hold up the commit that reaches the limit. This limit, 400
 * MiB of log, is a safety net for a keeper that has failed; it lies above what a long scan makes the log grow to.
 */
const LOG_LIMIT_PAGES = 100_000;

/** How a connection behaves beyond the database's own settings. */
export interface ConnectionSettings {
  /** Whether it may change anything. */
  readonly writes: boolean;
  /** How long a statement may block its thread while another process holds a lock. */
  readonly busyTimeoutMs: number;
}

/** Opens the database. Creates the file, but not its folder. */
export function openDatabase(config: SqliteConfig, settings: ConnectionSettings): Database {
  try {
    return configure(open(config), config, settings);
  } catch (error) {
    throw explain(error, config);
  }
}

function open({ path, readOnly }: SqliteConfig): Database {
  return readOnly ? new Database(path, { readonly: true }) : new Database(path, { create: true, readwrite: true });
}

function configure(database: Database, config: SqliteConfig, settings: ConnectionSettings): Database {
  try {
    database.run(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
    if (config.path !== MEMORY && !config.readOnly) useWriteAheadLog(database);
    database.run(`pragma synchronous = ${config.synchronous}`);
    database.run("pragma foreign_keys = on");
    database.run(`pragma journal_size_limit = ${LOG_KEPT_BYTES}`);
    database.run(`pragma wal_autocheckpoint = ${LOG_LIMIT_PAGES}`);
    if (!settings.writes) database.run("pragma query_only = on");
    database.run(`pragma busy_timeout = ${settings.busyTimeoutMs}`);
    // Reading its first page, a connection takes room for twenty: half of its memory, given back while it waits in its pool.
    database.run("pragma shrink_memory");
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

/** A better answer than "unable to open database file", where the file system has one. */
function explain(error: unknown, { path, readOnly }: SqliteConfig): unknown {
  if (!resultCode(error)?.startsWith("SQLITE_CANTOPEN")) return error;
  const because = (code: ErrorCode, message: string) => new TelepoolError(code, message, { cause: error });
  const folder = dirname(path);
  if (look(folder) === "absent")
    return because("DATABASE_NOT_FOUND", `the folder ${folder} does not exist; create it first`);
  const file = look(path);
  if (file === "folder") return because("NOT_A_DATABASE", `${path} is a folder; name a file in it`);
  if (file === "absent" && readOnly) {
    return because("DATABASE_NOT_FOUND", `the database ${path} does not exist, and readOnly does not create it`);
  }
  if (file === "absent") {
    return because("PERMISSION_DENIED", `the database ${path} could not be created: its folder may not be written`);
  }
  return because("PERMISSION_DENIED", `the database ${path} may not be opened: its permissions or its folder's refuse`);
}

/** What is at a path, as far as this user may know. */
function look(path: string): "absent" | "folder" | "file" | "hidden" {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? "absent" : found.isDirectory() ? "folder" : "file";
  } catch {
    return "hidden";
  }
}

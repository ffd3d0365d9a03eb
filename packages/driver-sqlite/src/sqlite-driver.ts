/** The SQLite driver: an embedded database in one file, on bun:sqlite. */
import type { Driver, DriverConnection, SqliteDriverOptions } from "@telepool/core";
import { openDatabase } from "./open-database.ts";
import { openScanConnection } from "./scan-connection.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { classifySqliteError } from "./sqlite-errors.ts";
import { MEMORY, parseSqliteOptions } from "./sqlite-options.ts";
import { canWatchLog, WalKeeper } from "./wal-keeper.ts";

/** More handles on one file than any program needs. */
const MAX_CONNECTIONS = 1000;

/**
 * The driver for an SQLite file or `:memory:`; opens nothing yet.
 *
 * One connection writes, the others read in the program's thread, and long statements run in threads of their own. A
 * database in memory has a single connection, so there long statements do hold the event loop.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function sqliteDriver(options: SqliteDriverOptions = {}): Driver {
  const config = parseSqliteOptions(options);
  const inMemory = config.path === MEMORY;
  return {
    name: "sqlite",
    location: config.path,
    dialect: sqliteDialect,
    capabilities: {
      connections: inMemory ? "shared" : "one-writer",
      maxConnections: inMemory ? 1 : MAX_CONNECTIONS,
      maxConcurrentBatches: 1,
      inProcess: true,
      prewarm: true,
    },
    connect: (role, signal): DriverConnection | Promise<DriverConnection> => {
      if (role === "scan" && !inMemory) return openScanConnection(config, signal);
      const writes = role === "write" && !config.readOnly;
      // Waiting is done between attempts, by the caller, where it does not block the thread.
      const database = openDatabase(config, { writes, busyTimeoutMs: 0 });
      const keepsLog = writes && !inMemory && canWatchLog(database);
      const begin = writes ? "begin immediate" : "begin";
      return new SqliteConnection(database, begin, keepsLog ? new WalKeeper(config, database) : undefined);
    },
    classify: classifySqliteError,
  };
}

import type { Driver, MysqlDriverOptions } from "@telepool/core";
import { connectByRole } from "./connect-by-role.ts";
import { mysqlDialect } from "./mysql-dialect.ts";
import { classifyMysqlError } from "./mysql-errors.ts";
import { parseMysqlOptions } from "./mysql-options.ts";

/** Beyond this the server itself would have to be set up otherwise: its default is 151. */
const MAX_CONNECTIONS = 10_000;

/** How many batches may be written beside each other: two halves of a thousand rows fill their statements (docs/decisions/0007-mysql.md). */
const MAX_CONCURRENT_BATCHES = 2;

/**
 * The driver for a MySQL (8.0.20 or newer) or MariaDB (10.6 or newer) server; connects to nothing yet.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function mysqlDriver(options: MysqlDriverOptions): Driver {
  const config = parseMysqlOptions(options);
  return {
    name: "mysql",
    location: config.location,
    dialect: mysqlDialect,
    capabilities: {
      connections: config.readFrom.length > 0 ? "replicated" : "shared",
      maxConnections: MAX_CONNECTIONS,
      maxConcurrentBatches: MAX_CONCURRENT_BATCHES,
      inProcess: false,
      prewarm: false,
    },
    connect: (role, signal) => connectByRole(config, role, signal),
    classify: classifyMysqlError,
  };
}

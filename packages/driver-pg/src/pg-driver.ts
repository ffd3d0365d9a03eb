import type { Driver, PostgresDriverOptions } from "@telepool/core";
import { connectByRole } from "./connect-by-role.ts";
import { pgDialect } from "./pg-dialect.ts";
import { classifyPgError } from "./pg-errors.ts";
import { parsePgOptions } from "./pg-options.ts";

/** Beyond this the server itself would have to be set up otherwise: its default is 100. */
const MAX_CONNECTIONS = 10_000;

/**
 * How many batches may be written beside each other: the server works on some while another is made here. The program's one
 * thread hardly feeds more, and larger batches cost the server less (docs/decisions/0006-postgresql.md).
 */
const MAX_CONCURRENT_BATCHES = 3;

/**
 * The driver for a PostgreSQL server; connects to nothing yet.
 *
 * @throws TelepoolError `INVALID_OPTION`
 */
export function pgDriver(options: PostgresDriverOptions = {}): Driver {
  const config = parsePgOptions(options);
  return {
    name: "postgresql",
    location:
      config.schema === undefined ? config.server.location : `${config.server.location}?schema=${config.schema}`,
    dialect: pgDialect,
    capabilities: {
      connections: config.server.readFrom.length > 0 ? "replicated" : "shared",
      maxConnections: MAX_CONNECTIONS,
      maxConcurrentBatches: MAX_CONCURRENT_BATCHES,
      inProcess: false,
      prewarm: false,
    },
    connect: (role, signal) => connectByRole(config, role, signal),
    classify: classifyPgError,
  };
}

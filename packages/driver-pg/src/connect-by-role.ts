/** Which server a connection goes to: a replica for reading where there are any, else the first that will do. */
import { type ConnectionRole, type DriverConnection, TelepoolError } from "@telepool/core";
import { connectToFirst, inRandomOrder, type ServerHost } from "@telepool/core/remote";
import { openPg } from "./open-pg.ts";
import { classifyPgError } from "./pg-errors.ts";
import type { PgConfig, TargetSessionAttrs } from "./pg-options.ts";

/** Connects for a role; reads fall back to the primary when no replica can be reached. */
export async function connectByRole(
  config: PgConfig,
  role: ConnectionRole,
  signal: AbortSignal,
): Promise<DriverConnection> {
  const { hosts, readFrom } = config.server;
  if (role !== "write" && readFrom.length > 0) {
    try {
      return await connect(config, inRandomOrder(readFrom), "any", signal);
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  if (config.targetSessionAttrs !== "prefer-standby") {
    return await connect(config, hosts, config.targetSessionAttrs, signal);
  }
  try {
    return await connect(config, hosts, "standby", signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return await connect(config, hosts, "any", signal);
  }
}

async function connect(
  config: PgConfig,
  hosts: readonly ServerHost[],
  wanted: TargetSessionAttrs,
  signal: AbortSignal,
): Promise<DriverConnection> {
  const attempt = {
    timeoutMs: config.server.connectTimeoutMs,
    classify: classifyPgError,
    open: (host: ServerHost, limit: AbortSignal) => {
      return openPg(config, host, limit, async (connection) => {
        if (wanted !== "any") await checkRole(connection, wanted);
      });
    },
  };
  return await connectToFirst(hosts, attempt, signal);
}

const ROLE_OF_SERVER = `select pg_is_in_recovery() as standby,
  pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as "readOnly"`;

/** @throws TelepoolError `CONNECT_FAILED` when the server is not of the wanted role: it may be by the next attempt */
async function checkRole(connection: DriverConnection, wanted: TargetSessionAttrs): Promise<void> {
  const { rows } = await connection.execute({ sql: ROLE_OF_SERVER, parameters: [] });
  const { standby, readOnly } = rows[0] as { standby: boolean; readOnly: boolean }; // the columns of the statement
  const fits = {
    any: true,
    "read-write": !readOnly,
    "read-only": readOnly,
    primary: !standby,
    standby,
    "prefer-standby": true,
  }[wanted];
  if (fits) return;
  const is = standby ? "a standby" : readOnly ? "read-only" : "a primary that can be written";
  throw new TelepoolError("CONNECT_FAILED", `the server is ${is}, and ${wanted} is wanted`);
}

/** Which server a connection goes to: a replica for reading where there are any, else the first that can be written. */
import { type ConnectionRole, type DriverConnection, TelepoolError } from "@telepool/core";
import { connectToFirst, inRandomOrder, type ServerHost } from "@telepool/core/remote";
import { classifyMysqlError } from "./mysql-errors.ts";
import type { MysqlConfig } from "./mysql-options.ts";
import { openMysql } from "./open-mysql.ts";

/** Connects for a role; reads fall back to the primary when no replica can be reached. */
export async function connectByRole(
  config: MysqlConfig,
  role: ConnectionRole,
  signal: AbortSignal,
): Promise<DriverConnection> {
  const { hosts, readFrom, readOnly } = config;
  if (role !== "write" && readFrom.length > 0) {
    try {
      return await connect(config, inRandomOrder(readFrom), false, signal);
    } catch (error) {
      if (signal.aborted) throw error;
    }
  }
  const several = hosts.length > 1 || readFrom.length > 0;
  return await connect(config, hosts, several && !readOnly, signal);
}

async function connect(
  config: MysqlConfig,
  hosts: readonly ServerHost[],
  mustWrite: boolean,
  signal: AbortSignal,
): Promise<DriverConnection> {
  const open = async (host: ServerHost, limit: AbortSignal): Promise<DriverConnection> => {
    const { connection, server } = await openMysql(config, host, limit);
    if (!mustWrite || !server.isReadOnly) return connection;
    await connection.close();
    throw new TelepoolError("CONNECT_FAILED", "the server is read-only, and one that can be written is wanted");
  };
  return await connectToFirst(
    hosts,
    { open, timeoutMs: config.connectTimeoutMs, classify: classifyMysqlError },
    signal,
  );
}

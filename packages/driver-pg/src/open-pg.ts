/** Opens one connection to one server, with the settings that telepool relies on. */
import type { DriverConnection } from "@telepool/core";
import { type ServerHost, untilAborted } from "@telepool/core/remote";
import pg from "pg";
import type { PgClient } from "./native.ts";
import { PgConnection } from "./pg-connection.ts";
import type { PgConfig } from "./pg-options.ts";

const INT8 = 20;
const JSON_TYPE = 114;
const JSONB = 3802;

/** After so long a silence the operating system asks whether the server is still there. */
const KEEPALIVE_MS = 10_000;

/** Values as telepool wants them: JSON as its text, 64-bit integers as numbers; the others as pg gives them. */
const types = {
  getTypeParser(type: number, format?: "text" | "binary"): (value: string) => unknown {
    if (type === INT8) return Number;
    if (type === JSON_TYPE || type === JSONB) return String;
    return pg.types.getTypeParser(type, format) as (value: string) => unknown; // one for every type
  },
};

/**
 * Connects, and looks whether the server will do. When `signal` fires, the socket is destroyed and this rejects.
 *
 * @param check throws when it will not
 */
export async function openPg(
  config: PgConfig,
  host: ServerHost,
  signal: AbortSignal,
  check: (connection: DriverConnection) => Promise<void>,
): Promise<DriverConnection> {
  const password = await untilAborted(config.server.password(), signal, "connecting");
  const client = createClient(config, host, password);
  const connection = new PgConnection(client, {
    preparedStatements: config.preparedStatements,
    queryTimeoutMs: config.server.queryTimeoutMs,
  });
  const destroy = () => client.connection.stream.destroy();
  signal.addEventListener("abort", destroy, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    await check(connection);
    client.unref(); // an idle store lets the program end; whoever waits for an answer keeps it alive
    return connection;
  } catch (error) {
    destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

function createClient({ server, schema }: PgConfig, host: ServerHost, password: string | undefined): PgClient {
  const tls = server.tls();
  const settings = [
    ...(schema === undefined ? [] : [`search_path=${quoteIdentifier(schema)}`]),
    ...(server.readOnly ? ["default_transaction_read_only=on"] : []),
  ];
  return new pg.Client({
    host: host.host,
    port: host.port,
    user: server.user,
    password,
    database: server.database,
    ssl: tls ?? false,
    application_name: server.applicationName,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    types,
    ...(server.statementTimeoutMs === undefined ? {} : { statement_timeout: server.statementTimeoutMs }),
    ...(settings.length === 0 ? {} : { options: settings.map((setting) => `-c ${escapeOption(setting)}`).join(" ") }),
  } as pg.ClientConfig) as unknown as PgClient; // native.ts says what is used of it
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Blanks and backslashes would end an option. */
function escapeOption(text: string): string {
  return text.replace(/[\\\s]/g, (character) => `\\${character}`);
}

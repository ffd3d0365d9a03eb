/** Opens one connection to one server, with the settings that telepool relies on. */
import { connect as connectSocket, type Socket } from "node:net";
import { type ServerHost, untilAborted } from "@telepool/core/remote";
import mysql from "mysql2";
import { MysqlConnection } from "./mysql-connection.ts";
import type { MysqlConfig } from "./mysql-options.ts";
import { isOk, MysqlClient } from "./native.ts";

/** Statements that a connection keeps prepared: those of the driver's own are some fifty. */
const MAX_PREPARED_STATEMENTS = 300;

/** What is left of a packet for the statement's text and the protocol. */
const SHARE_OF_PACKET = 0.9;

/** What the server says of itself. */
export interface ServerState {
  readonly isMariaDb: boolean;
  readonly isReadOnly: boolean;
}

/** A connection, and the server that it goes to. */
export interface OpenedMysql {
  readonly connection: MysqlConnection;
  readonly server: ServerState;
}

/** Connects. When `signal` fires, the socket is destroyed and this rejects. */
export async function openMysql(config: MysqlConfig, host: ServerHost, signal: AbortSignal): Promise<OpenedMysql> {
  const password = await untilAborted(config.password(), signal, "connecting");
  const tls = config.tls();
  const socket = openSocket(host);
  const destroy = () => void socket.destroy();
  signal.addEventListener("abort", destroy, { once: true });
  try {
    signal.throwIfAborted();
    const client = await connect(config, host, { socket, password, tls });
    const opened = await setUp(client, config, socket);
    socket.unref(); // an idle store lets the program end; whoever waits for an answer keeps it alive
    return opened;
  } catch (error) {
    destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

function openSocket({ host, port }: ServerHost): Socket {
  const socket = host.startsWith("/") ? connectSocket({ path: host }) : connectSocket({ host, port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  socket.on("error", () => {}); // mysql2 tells whoever waits
  return socket;
}

interface Access {
  readonly socket: Socket;
  readonly password: string | undefined;
  readonly tls: ReturnType<MysqlConfig["tls"]>;
}

function connect(config: MysqlConfig, { host }: ServerHost, { socket, password, tls }: Access): Promise<MysqlClient> {
  const connection = mysql.createConnection({
    stream: socket,
    // The name that the certificate must have; where to connect the socket knows.
    host: tls?.servername ?? host,
    user: config.user,
    ...(password === undefined ? {} : { password }),
    database: config.database,
    charset: "utf8mb4",
    connectTimeout: config.connectTimeoutMs,
    // An update counts the rows that it changes, and an insert those that are new: that is how duplicates are seen.
    flags: ["-FOUND_ROWS", "-LOCAL_FILES"],
    jsonStrings: true,
    maxPreparedStatements: MAX_PREPARED_STATEMENTS,
    multipleStatements: false,
    connectAttributes: { program_name: config.applicationName },
    ...(tls === undefined ? {} : { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } }),
  });
  return new Promise((resolve, reject) => {
    connection.on("error", reject); // later errors come with the statement that they hit
    connection.once("connect", () => resolve(new MysqlClient(connection)));
  });
}

/** Sets the session up, and asks what the server is. */
async function setUp(client: MysqlClient, config: MysqlConfig, socket: Socket): Promise<OpenedMysql> {
  // Gap locks of the default level would let concurrent batches wait for each other's neighbours.
  await client.query("set session transaction isolation level read committed");
  await client.query("set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'");
  const answer = await client.query(
    "select version() as version, @@max_allowed_packet as packet, @@global.read_only as readOnly",
  );
  const row = isOk(answer) ? undefined : answer[0];
  const isMariaDb = String(row?.version).includes("MariaDB");
  if (config.readOnly) await client.query("set session transaction read only");
  if (config.statementTimeoutMs !== undefined) await client.query(timeoutSetting(config.statementTimeoutMs, isMariaDb));
  const connection = new MysqlConnection(client, {
    queryTimeoutMs: config.queryTimeoutMs,
    packetBytes: Math.floor(Number(row?.packet) * SHARE_OF_PACKET),
    isMariaDb,
    destroy: () => void socket.destroy(),
    isClosed: () => socket.destroyed || !socket.writable,
  });
  return { connection, server: { isMariaDb, isReadOnly: Number(row?.readOnly) !== 0 } };
}

/** MariaDB's limit holds for every statement, MySQL's for those that read. */
function timeoutSetting(timeoutMs: number, isMariaDb: boolean): string {
  return isMariaDb
    ? `set session max_statement_time = ${timeoutMs / 1000}`
    : `set session max_execution_time = ${timeoutMs}`;
}

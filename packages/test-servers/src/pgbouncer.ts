/** PgBouncer in transaction mode, in front of a PostgreSQL server: what many programs are made to connect through. */

import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serverAccount } from "./account.ts";
import { eventually } from "./eventually.ts";
import { findExecutable, programFolders } from "./executables.ts";
import { freePort, HOST } from "./free-port.ts";
import { GuardedFolder } from "./guard/guarded-folder.ts";

const READY_WITHIN_MS = 30_000;

/** A pooler that ends when it is disposed of. */
export interface PgBouncer extends AsyncDisposable {
  /** The database's URL, led through the pooler. */
  readonly url: string;
}

function program(): string | undefined {
  return findExecutable("pgbouncer", programFolders(["/usr/sbin"]));
}

/** Why there can be no PgBouncer, in one line; `undefined` when there can. */
export function pgBouncerUnavailable(): string | undefined {
  return program() === undefined ? "no pgbouncer on PATH or in /usr/sbin" : undefined;
}

/** Starts one in front of a database that asks for no password; a few connections of its serve all clients in turn. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const path = program();
  if (path === undefined) throw new Error(pgBouncerUnavailable());
  const target = new URL(databaseUrl);
  const port = await freePort();
  const account = serverAccount("postgres");
  const folder = await GuardedFolder.create({
    prefix: join(tmpdir(), "telepool-pgbouncer-"),
    account,
    endSignal: "SIGTERM",
  });
  try {
    const file = join(folder.path, "pgbouncer.ini");
    writeFileSync(file, configuration(target, port));
    await folder.launch([path, file]);
    await eventually(() => answers(port), { withinMs: READY_WITHIN_MS, what: "PgBouncer's first answer" });
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  const url = new URL(databaseUrl);
  url.hostname = HOST;
  url.port = String(port);
  return { url: url.href, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

function configuration(target: URL, port: number): string {
  const database = target.pathname.slice(1);
  return `[databases]
${database} = host=${target.hostname} port=${target.port} dbname=${database} user=${target.username}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_idle_timeout = 60
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

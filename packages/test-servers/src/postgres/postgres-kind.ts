/**
 * PostgreSQL as a throwaway server.
 *
 * fsync is off: that is most of the time of a test, and it guards only against a system that dies. A server that is
 * killed loses nothing: every commit has been written to the system's cache by then (synchronous_commit stays on), and
 * the page images stay in the log (full_page_writes) because SIGKILL can cut a page's write in half. The fault tests
 * rely on both.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { giveTo } from "../account.ts";
import { HOST } from "../free-port.ts";
import { credentials, type Engine, type ServerKind, type Site, USER } from "../server-kind.ts";
import { tlsFiles } from "../tls-files.ts";
import { postgresAdministration } from "./postgres-administration.ts";

/** @param programs the folder of `initdb` and `postgres` */
export function postgresKind(programs: string): ServerKind {
  return {
    name: "PostgreSQL",
    prefersMemory: true,
    accountName: "postgres",
    stopSignal: "SIGINT", // "fast": its clients are disconnected
    endSignal: "SIGQUIT", // "immediate"; SIGKILL would leave shared memory behind
    administration: postgresAdministration,
    engine: (site) => postgresEngine(reachable(programs, site), site),
  };
}

function postgresEngine(programs: string, site: Site): Engine {
  const { folder, options } = site;
  const data = join(folder, "data");
  const user = credentials(options);
  return {
    installCommand: [join(programs, "initdb"), "-D", data, "-U", USER, ...INSTALL, ...authentication(site)],
    configure: () => appendFileSync(join(data, "postgresql.conf"), configuration(site)),
    serveCommand: (port) => [join(programs, "postgres"), "-D", data, "-p", String(port)],
    url: (port) => `postgresql://${user}@${HOST}:${port}/postgres`,
    socketUrl: (port) => `postgresql://${user}@/postgres?host=${encodeURIComponent(folder)}&port=${port}`,
    cleanUpAfterKill: () => removeSharedMemory(data),
  };
}

const INSTALL = ["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", "--auth-local=trust"];

function authentication({ folder, account, options }: Site): string[] {
  if (options.password === undefined) return ["--auth-host=trust"];
  const file = join(folder, "password");
  writeFileSync(file, options.password);
  giveTo(account, file);
  return ["--auth-host=scram-sha-256", `--pwfile=${file}`];
}

function configuration(site: Site): string {
  const tls = tlsFiles(site);
  const settings = {
    listen_addresses: HOST,
    unix_socket_directories: site.folder,
    max_connections: 200,
    authentication_timeout: 10, // s; a client that goes silent before it has come in holds every `drop database` up
    fsync: "off",
    wal_level: "minimal",
    max_wal_senders: 0,
    shared_buffers: "64MB",
    dynamic_shared_memory_type: "mmap", // files in the folder, which are not left behind
    ...(tls && { ssl: "on", ssl_cert_file: tls.cert, ssl_key_file: tls.key }),
    ...site.options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'\n`)
    .join("");
}

/** Copies programs that lie where the server's user may not go, such as a checkout in root's home. */
function reachable(programs: string, { folder, account }: Site): string {
  if (spawnSync(join(programs, "postgres"), ["--version"], { ...account, cwd: "/" }).status === 0) return programs;
  const copy = join(folder, "programs");
  cpSync(dirname(programs), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "bin");
}

/** A killed server leaves a small segment of shared memory, whose id is the second number of its file's line 7. */
function removeSharedMemory(data: string): void {
  const file = join(data, "postmaster.pid");
  const id = existsSync(file) && readFileSync(file, "utf8").split("\n")[6]?.trim().split(/\s+/)[1];
  if (id && Bun.which("ipcrm") !== null) Bun.spawnSync(["ipcrm", "-m", id]);
}

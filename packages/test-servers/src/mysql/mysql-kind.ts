/**
 * MariaDB or MySQL as a throwaway server.
 *
 * innodb_flush_log_at_trx_commit is 2: a commit is handed to the system but not waited for on the disk. A server that is
 * killed loses nothing, and the doublewrite buffer stays on because SIGKILL can cut a page's write in half. The fault
 * tests rely on both; only a system that dies can lose the last second.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveTo } from "../account.ts";
import { HOST } from "../free-port.ts";
import { credentials, type Engine, type ServerKind, type Site, USER } from "../server-kind.ts";
import { tlsFiles } from "../tls-files.ts";
import { mysqlAdministration } from "./mysql-administration.ts";
import type { MysqlPrograms } from "./mysql-binaries.ts";

export function mysqlKind(programs: MysqlPrograms): ServerKind {
  return {
    name: "MySQL",
    prefersMemory: programs.flavour === "MariaDB", // Ubuntu does not let its mysqld go there
    accountName: "mysql",
    stopSignal: "SIGTERM",
    endSignal: "SIGKILL",
    administration: mysqlAdministration,
    engine: (site) => mysqlEngine(programs, site),
  };
}

function mysqlEngine(programs: MysqlPrograms, site: Site): Engine {
  const { folder, options } = site;
  const user = credentials(options);
  const socket = join(folder, "socket");
  const data = dataOptions(site);
  return {
    installCommand: [...installer(programs), ...data],
    configure: () => writeUsers(site),
    serveCommand: (port) => [programs.server, ...data, `--port=${port}`, `--socket=${socket}`, ...serverOptions(site)],
    url: (port) => `mysql://${user}@${HOST}:${port}/mysql`,
    socketUrl: () => `mysql://${user}@localhost/mysql?socketPath=${encodeURIComponent(socket)}`,
    cleanUpAfterKill: () => {},
  };
}

/** What the installation and the server share. Who does not know an option passes over it when it begins with `loose-`. */
function dataOptions({ folder, account }: Site): string[] {
  // When it starts, a server removes the temporary tables that it finds in its tmpdir, also those of others.
  const tmpdir = join(folder, "tmp");
  mkdirSync(tmpdir);
  giveTo(account, tmpdir);
  return [
    "--no-defaults",
    `--datadir=${join(folder, "data")}`,
    `--tmpdir=${tmpdir}`,
    `--secure-file-priv=${tmpdir}`, // Oracle's packages name a folder that is for their own server
    "--loose-innodb-log-file-size=32M",
    "--loose-innodb-log-file-buffering=ON",
  ];
}

function installer(programs: MysqlPrograms): string[] {
  if (programs.flavour === "MySQL") return [programs.server, "--initialize-insecure"];
  return [programs.installer, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
}

function serverOptions(site: Site): string[] {
  const tls = tlsFiles(site);
  const settings = {
    "bind-address": HOST,
    "skip-name-resolve": "ON",
    "init-file": join(site.folder, "users.sql"),
    "pid-file": join(site.folder, "pid"),
    "max-connections": 200,
    "innodb-flush-log-at-trx-commit": 2,
    "innodb-buffer-pool-size": "64M",
    "character-set-server": "utf8mb4",
    "performance-schema": "OFF",
    "disable-log-bin": "ON",
    "loose-mysqlx": "OFF",
    ...(tls && { "ssl-cert": tls.cert, "ssl-key": tls.key }),
    ...site.options.settings,
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}

/** Run by the server at each start, before it listens. Afterwards only `telepool` can come in over TCP. */
function writeUsers({ folder, account, options }: Site): void {
  const file = join(folder, "users.sql");
  const password = (options.password ?? "").replace(/['\\]/g, "\\$&");
  const statements = [
    `create user if not exists '${USER}'@'%' identified by '${password}';`,
    `grant all privileges on *.* to '${USER}'@'%' with grant option;`,
    "drop user if exists 'root'@'127.0.0.1', 'root'@'::1', ''@'localhost';",
  ];
  writeFileSync(file, `${statements.join("\n")}\n`, { mode: 0o600 });
  giveTo(account, file);
}

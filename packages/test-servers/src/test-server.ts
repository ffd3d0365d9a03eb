/** A database server as tests see it, wherever it comes from, and the databases that they make on it. */
import { randomBytes } from "node:crypto";

/** A server on which tests make databases of their own. */
export interface TestServer {
  /** The URL of a database that is always there, with the user and, if there is one, the password. */
  readonly url: string;
  /** As the server tells it: "15.14 (Debian 15.14-0+deb12u1)", "10.11.14-MariaDB-0+deb12u2", "8.4.6". */
  readonly version: string;
  /** Makes an empty database with a name of its own. */
  createDatabase(): Promise<TestDatabase>;
}

/** A database of a test's own. Disposing drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** `telepool_test_…` */
  readonly name: string;
  /** Drops it, also while there are connections to it: they are closed. Does nothing when it is gone. */
  drop(): Promise<void>;
}

/** What is done on a server as its administrator; each call opens a connection and closes it. */
export interface Administration {
  version(url: string): Promise<string>;
  createDatabase(url: string, name: string): Promise<void>;
  dropDatabase(url: string, name: string): Promise<void>;
}

/** Makes an empty database on the server at this URL. */
export async function createDatabase(serverUrl: string, administration: Administration): Promise<TestDatabase> {
  const name = `telepool_test_${randomBytes(8).toString("hex")}`;
  await administration.createDatabase(serverUrl, name);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const drop = () => administration.dropDatabase(serverUrl, name);
  return { url: url.href, name, drop, [Symbol.asyncDispose]: drop };
}

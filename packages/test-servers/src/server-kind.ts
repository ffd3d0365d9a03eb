/** What has to be known of a database server in order to run a throwaway instance of it. */
import type { Account } from "./account.ts";
import type { Administration } from "./test-server.ts";

/** How a throwaway server differs from the usual one. */
export interface ThrowawayOptions {
  /** Settings by their names in the server's configuration; they win over those of this package. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The server's certificate and key, as PEM files; without them it speaks no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** The password of the user `telepool`, who needs none without it. */
  readonly password?: string;
}

/** Where a throwaway server lives. */
export interface Site {
  readonly folder: string;
  /** As whom it runs, when it is not us. */
  readonly account: Account | undefined;
  readonly options: ThrowawayOptions;
}

/** The commands and addresses of a server in its folder. */
export interface Engine {
  /** Writes the data of an empty server. */
  readonly installCommand: readonly string[];
  /** Called when the data have been written, before the first start. */
  configure(): void;
  serveCommand(port: number): readonly string[];
  url(port: number): string;
  /** Through the socket in the folder: whoever answers there is the server, and not another one at the same port. */
  socketUrl(port: number): string;
  /** Removes from the system what a killed server leaves behind outside its folder. */
  cleanUpAfterKill(): void;
}

/** A database server of which instances can be run. */
export interface ServerKind {
  readonly name: "PostgreSQL" | "MySQL";
  /** Whether its data are so many small files that they are better kept in memory. */
  readonly prefersMemory: boolean;
  /** As whom it runs when we are root. */
  readonly accountName: string;
  /** Ends it orderly, without waiting for its clients. */
  readonly stopSignal: NodeJS.Signals;
  /** Ends it at once, when its data are no longer needed. */
  readonly endSignal: NodeJS.Signals;
  readonly administration: Administration;
  engine(site: Site): Engine;
}

/** The user of every throwaway server. */
export const USER = "telepool";

/** `telepool`, or `telepool:password`, as URLs write it. */
export function credentials({ password }: ThrowawayOptions): string {
  return password === undefined ? USER : `${USER}:${encodeURIComponent(password)}`;
}

/** What the fault suite is given: a server that may be killed, a network that can be cut, and the driver under test. */
import type { Driver } from "../../driver/driver.ts";

/** A network between the driver and the server. */
export interface FaultProxy extends AsyncDisposable {
  /** The database's URL, led through the proxy. */
  readonly url: string;
  /** Resets every connection. */
  cut(): void;
  /** Resets the connection to which the server sends next, when it has been sent so many bytes. */
  cutAfterBytes(bytes: number): void;
  /** Lets the next data that hold the pattern reach the server, and resets the connection in place of the answer. */
  cutAfter(pattern: string): void;
  /** Passes nothing on, and closes nothing. */
  blackhole(): void;
  restore(): void;
  /** Resets new connections at once. */
  refuse(): void;
  accept(): void;
}

/** A server of a test's own, with an empty database on it. */
export interface FaultServer extends AsyncDisposable {
  /** The database's URL. */
  readonly url: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Ends every connection but its own, as an administrator does; says how many. */
  terminateConnections(): Promise<number>;
  proxy(): Promise<FaultProxy>;
}

/** How a driver is told to behave; each as the options of all servers' drivers call it. */
export interface FaultDriverOptions {
  readonly connectTimeoutMs?: number;
  readonly queryTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
}

/** The driver that is to be tested, and its server. */
export interface FaultTarget {
  readonly name: string;
  /** @param maxConnections how many connections the server takes */
  startServer(options?: { readonly maxConnections?: number }): Promise<FaultServer>;
  createDriver(url: string, options?: FaultDriverOptions): Driver;
  /** What stands in the last data that a batch of several rows sends before it is durable. */
  readonly commitPattern: string;
  /** A statement that takes five seconds. */
  readonly slowStatement: string;
}

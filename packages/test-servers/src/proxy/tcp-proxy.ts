/**
 * A TCP proxy on 127.0.0.1 for tests of what a network can do to a database's client. It knows no protocol. All orders
 * are the test's; what it was told holds until it is told otherwise, except that a trap closes once.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { HOST } from "../free-port.ts";
import { type Orders, ProxiedConnection, reset } from "./proxied-connection.ts";
import { ByteTrap, PatternTrap } from "./traps.ts";

/** Where the proxy's connections lead. */
export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** A proxy in front of one server. Disposing resets all connections and stops listening. */
export class TcpProxy implements AsyncDisposable {
  readonly host: string = HOST;
  readonly #target: ProxyTarget;
  readonly #listener: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #orders: Orders = { delayMs: 0, isHeld: false, byteTrap: undefined, patternTrap: undefined };
  #refuses = false;

  private constructor(target: ProxyTarget) {
    this.#target = target;
    this.#listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#open(client));
  }

  /** Listens on a free port. The server need not be there: a client whose connection has no server is reset. */
  static async start(target: ProxyTarget): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.once("error", reject);
      proxy.#listener.listen(0, HOST, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port; // it listens on TCP since `start`
  }

  /** A URL of the server, led through the proxy. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = this.host;
    changed.port = String(this.port);
    return changed.href;
  }

  /** How many connections the clients have open. */
  get connections(): number {
    return [...this.#connections].filter(({ isOpen }) => isOpen).length;
  }

  /** How much later everything arrives, in each direction. Holds for what arrives from now on. */
  get delayMs(): number {
    return this.#orders.delayMs;
  }

  set delayMs(delayMs: number) {
    this.#orders.delayMs = delayMs;
  }

  /** Resets all connections, on both sides. */
  cut(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /**
   * Resets the connection that next receives data from the server, on both sides, when `bytes` more have been sent to its
   * client. A client that reads slowly may receive fewer.
   */
  cutAfterBytes(bytes: number): void {
    this.#orders.byteTrap = new ByteTrap(bytes);
  }

  /**
   * Loses the answer to the first data from a client that contain the pattern. They reach the server; when it answers, the
   * client is reset and receives nothing of the answer. Sees nothing in an encrypted connection.
   */
  cutAfter(pattern: string | Uint8Array): void {
    this.#orders.patternTrap = new PatternTrap(pattern);
  }

  /** Passes nothing on any more, in both directions: neither data nor that a side has closed. All stays open. */
  blackhole(): void {
    this.#orders.isHeld = true;
  }

  /** Passes on again, beginning with what the black hole held. */
  restore(): void {
    this.#orders.isHeld = false;
    for (const connection of this.#connections) connection.flush();
  }

  /** Resets new connections at once. Those that are open stay open. */
  refuse(): void {
    this.#refuses = true;
  }

  /** Takes new connections again. */
  accept(): void {
    this.#refuses = false;
  }

  #open(client: Socket): void {
    if (this.#refuses) {
      reset(client);
      return;
    }
    const { host, port } = this.#target;
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const connection = new ProxiedConnection(client, server, this.#orders);
    this.#connections.add(connection);
    const forget = () => {
      if (client.destroyed && server.destroyed) this.#connections.delete(connection);
    };
    client.on("close", forget);
    server.on("close", forget);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.cut();
    await closed;
  }
}

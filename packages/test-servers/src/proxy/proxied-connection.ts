/**
 * A client's connection to the proxy, and the one that the proxy opened to the server for it. They are reset together,
 * and each is ended when the other one has ended and all has been passed on.
 */
import type { Socket } from "node:net";
import { type Arrival, Lane } from "./lane.ts";
import type { ByteTrap, PatternTrap } from "./traps.ts";

/** What the proxy has been told to do to its connections. */
export interface Orders {
  delayMs: number;
  isHeld: boolean;
  byteTrap: ByteTrap | undefined;
  patternTrap: PatternTrap | undefined;
}

export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #orders: Orders;
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  /** The client's last words are on their way; the server's answer is not for it. */
  #isDoomed = false;

  constructor(client: Socket, server: Socket, orders: Orders) {
    this.#client = client;
    this.#server = server;
    this.#orders = orders;
    this.#toServer = new Lane(orders, (arrival) => this.#passToServer(arrival));
    this.#toClient = new Lane(orders, (arrival) => this.#passToClient(arrival));
    listen(client, this.#toServer);
    listen(server, this.#toClient);
  }

  /** Whether the client has not closed it. */
  get isOpen(): boolean {
    return !this.#client.destroyed && !this.#client.readableEnded;
  }

  /** Goes on with what was held back. */
  flush(): void {
    this.#toServer.flush();
    this.#toClient.flush();
  }

  /** Destroys both sides at once. */
  reset(): void {
    this.#toServer.clear();
    this.#toClient.clear();
    reset(this.#client);
    reset(this.#server);
  }

  #passToServer(arrival: Arrival): void {
    pass(arrival, this.#client, this.#server);
    if (typeof arrival === "string" || this.#orders.patternTrap?.matches(this, arrival) !== true) return;
    this.#orders.patternTrap = undefined;
    this.#isDoomed = true;
  }

  #passToClient(arrival: Arrival): void {
    if (this.#isDoomed) this.#swallow();
    else if (typeof arrival === "string" || !this.#trips(arrival)) pass(arrival, this.#server, this.#client);
  }

  /** The server has answered the last words, so they are done: the client is cut, and the server may end in peace. */
  #swallow(): void {
    this.#toServer.clear();
    this.#toClient.clear();
    reset(this.#client);
    this.#server.end();
  }

  #trips(chunk: Uint8Array): boolean {
    const allowed = this.#orders.byteTrap?.allows(this, chunk);
    if (allowed === undefined) return false;
    this.#orders.byteTrap = undefined;
    this.#toServer.clear();
    this.#toClient.clear();
    reset(this.#server);
    this.#client.write(chunk.subarray(0, allowed), () => reset(this.#client));
    return true;
  }
}

function listen(source: Socket, lane: Lane): void {
  source.on("data", (chunk) => lane.push(chunk as Buffer)); // a socket without an encoding gives no strings
  source.on("end", () => lane.push("end"));
  source.on("error", () => lane.push("reset"));
}

function pass(arrival: Arrival, source: Socket, sink: Socket): void {
  if (arrival === "reset") reset(sink);
  else if (sink.destroyed) return;
  else if (arrival === "end") sink.end();
  else if (!sink.write(arrival)) {
    source.pause(); // a slow reader slows the writer down, as it would without a proxy
    for (const event of ["drain", "close"]) sink.once(event, () => source.resume());
  }
}

/** Closes with a RST rather than a FIN. */
export function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}

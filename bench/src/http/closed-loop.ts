/** As many POSTs as a server takes: each connection sends the next when the last is answered. */
import { KeepAliveConnection } from "./keep-alive-connection.ts";

/** A load that runs until it is stopped. */
export class ClosedLoop {
  readonly #connections: readonly KeepAliveConnection[];
  readonly #drained = Promise.withResolvers<void>();
  #answered = 0;
  #underWay = 0;
  #stopping = false;

  constructor(nextRequest: () => Uint8Array, connections: number) {
    this.#drained.promise.catch(() => undefined); // `stop` tells of it
    const owner = {
      nextRequest,
      onStored: (connection: KeepAliveConnection) => this.#onStored(connection),
      onFailed: (error: Error) => this.#drained.reject(error),
    };
    this.#connections = Array.from({ length: connections }, () => new KeepAliveConnection(owner));
  }

  async start(url: URL): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.open(url)));
    for (const connection of this.#connections) {
      this.#underWay++;
      connection.send();
    }
  }

  /** How many POSTs were answered with 201. */
  get answered(): number {
    return this.#answered;
  }

  /** Waits for the answers under way; rejects if any was another than 201, or a connection was lost. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#drained.promise;
    for (const connection of this.#connections) connection.end();
  }

  #onStored(connection: KeepAliveConnection): void {
    this.#answered++;
    if (!this.#stopping) connection.send();
    else if (--this.#underWay === 0) this.#drained.resolve();
  }
}

/** What a fault case works with: a server, stores on it, all of which end with the case. */
import type { TelemetryPool, TelemetryPoolOptions } from "../../telemetry-pool.ts";
import { OpenResources } from "../conformance/open-resources.ts";
import type { FaultDriverOptions, FaultProxy, FaultServer, FaultTarget } from "./fault-target.ts";
import { Witness } from "./witness.ts";

/** Cases by their sentences. */
export type FaultCases = Readonly<Record<string, (context: FaultContext) => Promise<void>>>;

/** How a store of a case is made. */
export interface FaultStoreOptions {
  readonly driver?: FaultDriverOptions;
  readonly store?: TelemetryPoolOptions;
  /** Where its database is; that of the case's server by default. */
  readonly url?: string;
}

/** One case's server and stores. */
export class FaultContext implements AsyncDisposable {
  readonly server: FaultServer;
  readonly target: FaultTarget;
  readonly #resources = new OpenResources();
  readonly #proxies: FaultProxy[] = [];

  constructor(target: FaultTarget, server: FaultServer) {
    this.target = target;
    this.server = server;
  }

  newStore({ driver, store, url = this.server.url }: FaultStoreOptions = {}): TelemetryPool {
    return this.#resources.newStore({ driver: this.target.createDriver(url, driver), ...store });
  }

  /** A network of the case's own between its stores and its server. */
  async newProxy(): Promise<FaultProxy> {
    const proxy = await this.server.proxy();
    this.#proxies.push(proxy);
    return proxy;
  }

  /** A store that is open, and who writes to it. */
  async newWitness(options: FaultStoreOptions = {}): Promise<{ store: TelemetryPool; witness: Witness }> {
    const store = this.newStore(options);
    await store.open();
    return { store, witness: new Witness(store) };
  }

  /** Ends everything: stores, networks, the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.close();
    for (const proxy of this.#proxies) await proxy[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

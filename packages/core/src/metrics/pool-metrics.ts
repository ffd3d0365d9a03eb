/** The metrics of a store's connections, by OpenTelemetry's conventions for pools, and of work that was done again. */
import type { Connections } from "../driver/connections.ts";
import type { ConnectionRole } from "../driver/driver.ts";
import { PoolMeter, type PoolStats } from "../pool/pool-stats.ts";
import { SECONDS_BOUNDS } from "./bounds.ts";
import type { MetricAttributes, NumberPoint } from "./metric-family.ts";
import type { MetricHistogram } from "./metric-histogram.ts";
import type { MetricSet } from "./metric-set.ts";

/** A number that is read of each pool. */
interface PoolNumber {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly of: (stats: PoolStats) => number;
}

const LEVELS: readonly PoolNumber[] = [
  {
    name: "db.client.connection.max",
    unit: "{connection}",
    description: "The maximum number of open connections allowed.",
    of: ({ maxPoolSize }) => maxPoolSize,
  },
  {
    name: "db.client.connection.pending_requests",
    unit: "{request}",
    description: "The number of current pending requests for an open connection.",
    of: ({ waiting }) => waiting,
  },
];

const COUNTERS: readonly PoolNumber[] = [
  {
    name: "db.client.connection.timeouts",
    unit: "{timeout}",
    description: "The number of connection timeouts that have occurred trying to obtain a connection from the pool.",
    of: ({ timeouts }) => timeouts,
  },
  {
    name: "telepool.connection.create_failures",
    unit: "{failure}",
    description: "The number of attempts to open a connection that failed.",
    of: ({ createFailures }) => createFailures,
  },
];

/** What a store tells of its connections; nothing before it is opened. */
export class PoolMetrics {
  readonly #prefix: string;
  readonly #createTime: MetricHistogram;
  readonly #waitTime: MetricHistogram;
  readonly #useTime: MetricHistogram;
  #system = "";
  #connections: Connections | undefined;

  /** @param name the store's own, where it has one: it goes before the names of its pools */
  constructor(set: MetricSet, name: string | undefined) {
    this.#prefix = name === undefined ? "" : `${name}.`;
    this.#defineCounts(set);
    for (const { of, ...number } of LEVELS) set.upDownCounter(number, () => this.#ofPools(of));
    for (const { of, ...number } of COUNTERS) set.counter(number, () => this.#ofPools(of));
    const times = (name: string, description: string): MetricHistogram =>
      set.histogram({ name: `db.client.connection.${name}`, unit: "s", description, bounds: SECONDS_BOUNDS });
    this.#createTime = times("create_time", "The time it took to create a new connection.");
    this.#waitTime = times(
      "wait_time",
      "The time it took to obtain an open connection from the pool. Requests that an idle connection served at once are not in it.",
    );
    this.#useTime = times(
      "use_time",
      "The time between borrowing a connection and returning it to the pool. One use in pool.sampleEvery is measured, 64 by default.",
    );
  }

  /** What names the database in attributes: as OpenTelemetry names it, which is as drivers do. */
  get system(): MetricAttributes {
    return { "db.system.name": this.#system };
  }

  /** Begins with the pools of an opening: gives what they are to count with, by their roles. */
  begin(system: string): (role: ConnectionRole) => PoolMeter {
    this.#system = system;
    return (role) => {
      const attributes = this.#attributes(role);
      return new PoolMeter({
        wait: this.#waitTime.series(attributes),
        use: this.#useTime.series(attributes),
        create: this.#createTime.series(attributes),
      });
    };
  }

  /** The pools that are shown from now on. */
  watch(connections: Connections): void {
    this.#connections = connections;
  }

  #defineCounts(set: MetricSet): void {
    set.upDownCounter(
      {
        name: "db.client.connection.count",
        unit: "{connection}",
        description: "The number of connections that are currently in state described by the state attribute.",
      },
      () => [
        ...this.#ofPools(({ idle }) => idle, { "db.client.connection.state": "idle" }),
        ...this.#ofPools(({ inUse }) => inUse, { "db.client.connection.state": "used" }),
      ],
    );
    set.upDownCounter(
      {
        name: "db.client.connection.idle.min",
        unit: "{connection}",
        description: "The minimum number of idle open connections allowed.",
      },
      () => [...(this.#connections?.minimums ?? [])].map(([role, value]) => this.#point(role, value)),
    );
    set.counter(
      {
        name: "telepool.retries",
        unit: "{retry}",
        description: "Work that was done again, because the database was busy or a connection was lost.",
      },
      () =>
        Object.entries(this.#connections?.retries ?? {}).map(([reason, value]) => ({
          attributes: { "telepool.retry.reason": reason, ...this.system },
          value,
        })),
    );
  }

  #ofPools(of: PoolNumber["of"], more?: MetricAttributes): NumberPoint[] {
    return [...(this.#connections?.distinct ?? [])].map(([role, pool]) => this.#point(role, of(pool.stats()), more));
  }

  #point(role: string, value: number, more?: MetricAttributes): NumberPoint {
    return { attributes: { ...this.#attributes(role), ...more }, value };
  }

  #attributes(role: string): MetricAttributes {
    return { "db.client.connection.pool.name": `${this.#prefix}${role}`, ...this.system };
  }
}

/**
 * What a store tells of itself. Names and units are those of OpenTelemetry's semantic conventions where these have any
 * (https://opentelemetry.io/docs/specs/semconv/db/database-metrics/), and begin with `telepool.` otherwise.
 *
 * Stores that emit into one meter provider are told apart by their `pool.name`; so each of several needs one.
 */
import type { Connections } from "../driver/connections.ts";
import type { ConnectionRole } from "../driver/driver.ts";
import type { PoolMeter } from "../pool/pool-stats.ts";
import type { StoredRows } from "../store/stored-rows.ts";
import type { QueueStats } from "../store-stats.ts";
import { BATCH_ROWS_BOUNDS, SECONDS_BOUNDS } from "./bounds.ts";
import { IngestCounts } from "./ingest-counts.ts";
import type { MetricAttributes, NumberPoint } from "./metric-family.ts";
import type { MetricHistogram } from "./metric-histogram.ts";
import { MetricSet } from "./metric-set.ts";
import { OperationTimes } from "./operation-times.ts";
import { PoolMetrics } from "./pool-metrics.ts";

/** The metrics of one store. */
export class StoreMetrics {
  readonly set: MetricSet = new MetricSet();
  readonly ingest: IngestCounts = new IngestCounts();
  readonly operations: OperationTimes;
  readonly #pools: PoolMetrics;
  /** What tells this store from others, where it has a name. */
  readonly #store: MetricAttributes;
  readonly #batchRows: MetricHistogram;

  /** @param name the `pool.name` that the store was given */
  constructor(name: string | undefined, queues: () => QueueStats) {
    this.#store = name === undefined ? {} : { "telepool.store": name };
    this.#pools = new PoolMetrics(this.set, name);
    const durations = this.set.histogram({
      name: "db.client.operation.duration",
      unit: "s",
      description: "The time from a call of the store to its answer, of calls that succeeded.",
      bounds: SECONDS_BOUNDS,
    });
    this.operations = new OperationTimes(durations, (operation) => {
      return { "db.operation.name": operation, ...this.#pools.system, ...this.#store };
    });
    this.#defineQueues(queues);
    this.#batchRows = this.set.histogram({
      name: "telepool.batch.rows",
      unit: "{row}",
      description: "The number of rows that a queue wrote in one transaction.",
      bounds: BATCH_ROWS_BOUNDS,
    });
    this.set.counter(
      {
        name: "telepool.ingest.rows",
        unit: "{row}",
        description:
          "Rows that the store was given, by any method: stored, duplicate (their id was stored before), or rejected (their call failed).",
      },
      () =>
        this.ingest.points().map(({ attributes, value }) => ({ attributes: { ...attributes, ...this.#store }, value })),
    );
  }

  /** Begins with the connections of an opening: gives what its pools are to count with, by their roles. */
  begin(system: string): (role: ConnectionRole) => PoolMeter {
    return this.#pools.begin(system);
  }

  /** The connections that are shown from now on. */
  watch(connections: Connections): void {
    this.#pools.watch(connections);
  }

  /** A batch of a queue was written. */
  batchWritten(queue: StoredRows["kind"], rows: number): void {
    this.#batchRows.series(this.#queue(queue)).record(rows);
  }

  #defineQueues(queues: () => QueueStats): void {
    const gauge = (name: string, unit: string, description: string, of: (stats: QueueStats) => object): void => {
      const points = (): NumberPoint[] =>
        Object.entries(of(queues())).map(([queue, value]) => ({
          attributes: this.#queue(queue),
          value: Number(value),
        }));
      this.set.gauge({ name: `telepool.queue.${name}`, unit, description }, points);
    };
    gauge("rows", "{row}", "Rows that are queued or being written.", ({ profiles, events }) => {
      return { profiles: profiles.queuedRows, events: events.queuedRows };
    });
    gauge("bytes", "By", "About how much memory these rows hold.", ({ profiles, events }) => {
      return { profiles: profiles.queuedBytes, events: events.queuedBytes };
    });
    gauge(
      "waiting",
      "{caller}",
      "Callers that wait for room in a queue of rows, or for the answer to a lookup.",
      ({ profiles, events, lookups }) => {
        return { profiles: profiles.waiting, events: events.waiting, lookups: lookups.waiting };
      },
    );
  }

  #queue(queue: string): MetricAttributes {
    return { "telepool.queue": queue, ...this.#store };
  }
}

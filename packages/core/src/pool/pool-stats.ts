/**
 * A pool's counts and durations, and the form in which they are shown.
 *
 * Owns the histograms. Writing is left to the pool, in plain fields: on the fast path counting is one increment and one
 * decrement. Waits are all timed; of the uses that did not wait one in `sampleEvery` is.
 */
import { DurationHistogram, type DurationSummary, type SecondsSink } from "../duration-histogram.ts";

/** What `pool.stats()` shows. Durations are in milliseconds. */
export interface PoolStats {
  /** Resources in the pool: idle and in use. */
  readonly poolSize: number;
  readonly maxPoolSize: number;
  readonly stats: {
    /** Acquires that an idle resource served at once. */
    readonly hits: number;
    /** All other acquires. */
    readonly misses: number;
    /** Uses that have ended. */
    readonly totalOperations: number;
    /** The mean of the timed uses. */
    readonly avgLatency: number;
  };
  /** `hits` of all acquires, such as `93.1%`; `0%` before the first. */
  readonly hitRate: string;
  /** Lent, or being validated or reset. */
  readonly inUse: number;
  readonly idle: number;
  readonly creating: number;
  readonly waiting: number;
  /** Acquires that ended at their deadline. */
  readonly timeouts: number;
  readonly created: number;
  readonly destroyed: number;
  /** Resources that their users took out for good. */
  readonly detached: number;
  readonly createFailures: number;
  readonly waitMs: DurationSummary;
  readonly useMs: DurationSummary;
  readonly createMs: DurationSummary;
}

/** How full the pool is at a moment. */
export interface PoolGauges {
  readonly max: number;
  readonly inUse: number;
  readonly lent: number;
  readonly idle: number;
  readonly creating: number;
  readonly waiting: number;
}

/** Where a pool's durations go beside its own statistics. */
export interface PoolSinks {
  readonly wait: SecondsSink;
  readonly use: SecondsSink;
  readonly create: SecondsSink;
}

/** The counters of one pool. */
export class PoolMeter {
  hits = 0;
  misses = 0;
  /** Waiters that got a resource. */
  served = 0;
  timeouts = 0;
  created = 0;
  destroyed = 0;
  detached = 0;
  createFailures = 0;
  readonly waitMs: DurationHistogram;
  readonly useMs: DurationHistogram;
  readonly createMs: DurationHistogram;

  constructor(sinks?: PoolSinks) {
    this.waitMs = new DurationHistogram(sinks?.wait);
    this.useMs = new DurationHistogram(sinks?.use);
    this.createMs = new DurationHistogram(sinks?.create);
  }

  summary(gauges: PoolGauges): PoolStats {
    const acquires = this.hits + this.misses;
    return {
      poolSize: gauges.idle + gauges.inUse,
      maxPoolSize: gauges.max,
      stats: {
        hits: this.hits,
        misses: this.misses,
        totalOperations: this.hits + this.served - gauges.lent,
        avgLatency: this.useMs.meanMs,
      },
      hitRate: acquires === 0 ? "0%" : `${((100 * this.hits) / acquires).toFixed(1)}%`,
      inUse: gauges.inUse,
      idle: gauges.idle,
      creating: gauges.creating,
      waiting: gauges.waiting,
      timeouts: this.timeouts,
      created: this.created,
      destroyed: this.destroyed,
      detached: this.detached,
      createFailures: this.createFailures,
      waitMs: this.waitMs.summary(),
      useMs: this.useMs.summary(),
      createMs: this.createMs.summary(),
    };
  }
}

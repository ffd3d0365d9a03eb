/**
 * What the server counts of itself: how long requests took, how many are under way, who follows the tail. The same
 * measurement is the `server-timing` of the answer and, where requests are logged, the line in the log.
 */
import type { HistogramSeries, MetricSet } from "@telepool/core";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Log } from "./log.ts";
import { serverTiming } from "./server-timing.ts";

/** In seconds; those of OpenTelemetry's conventions for HTTP. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** What the server is asked when somebody looks. */
export interface HttpGauges {
  readonly tailReaders: () => number;
}

/** The server's own metrics. */
export class HttpMetrics {
  readonly #durations;
  readonly #series = new Map<string, HistogramSeries>();
  readonly #log: Log | undefined;
  #underWay = 0;
  #missed = 0;

  /**
   * @param set gets the instruments
   * @param log gets a line for each request, if it is given
   */
  constructor(set: MetricSet, gauges: HttpGauges, log: Log | undefined) {
    this.#log = log;
    this.#durations = set.histogram({
      name: "http.server.request.duration",
      unit: "s",
      description: "How long requests took until their answer began, by method, route and status.",
      bounds: BOUNDS,
    });
    const one = (value: number) => [{ attributes: {}, value }];
    set.upDownCounter(
      { name: "http.server.active_requests", unit: "{request}", description: "Requests that wait for their answer." },
      () => one(this.#underWay),
    );
    set.upDownCounter(
      { name: "telepool.tail.readers", unit: "{reader}", description: "Clients that follow the live tail." },
      () => one(gauges.tailReaders()),
    );
    set.counter(
      {
        name: "telepool.tail.missed",
        unit: "{row}",
        description: "Rows that went by readers of the live tail unseen.",
      },
      () => one(this.#missed),
    );
  }

  /** Counts rows that a reader of the tail did not get. */
  missed(rows: number): void {
    this.#missed += rows;
  }

  /** Measures each request. */
  readonly observe: MiddlewareHandler = async (c, next) => {
    const startedMs = performance.now();
    this.#underWay++;
    try {
      await next();
    } finally {
      this.#underWay--;
      const tookMs = performance.now() - startedMs;
      c.res.headers.set("server-timing", serverTiming(c, tookMs)); // c.header would make the answer anew, as a stream
      this.#record(c, tookMs);
    }
  };

  #record(c: Context, tookMs: number): void {
    const { method } = c.req;
    const route = routeOf(c);
    const { status } = c.res;
    const key = `${method} ${route} ${status}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = this.#durations.series({
        "http.request.method": KNOWN_METHODS.has(method) ? method : "_OTHER",
        "http.response.status_code": String(status),
        "http.route": route,
      });
      if (KNOWN_METHODS.has(method)) this.#series.set(key, series);
    }
    series.record(tookMs / 1000);
    this.#log?.({
      level: "debug",
      message: "request",
      request_id: c.get("requestId"),
      method,
      route,
      status,
      duration_ms: Math.round(tookMs * 100) / 100,
    });
  }
}

const KNOWN_METHODS: ReadonlySet<string> = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);

/** The pattern of the route that a request met; empty where none did, for a path of the client's own must name no series. */
function routeOf(c: Context): string {
  const path = matchedRoutes(c).at(-1)?.path ?? "";
  return path.endsWith("*") ? "" : path;
}

/** The three signals of OpenTelemetry: where each is sent to, and what its records and fields are called. */

/** One of the signals. */
export interface Signal {
  readonly path: "/v1/traces" | "/v1/logs" | "/v1/metrics";
  /** Names its records, in the plural. */
  readonly records: string;
  /** The one field of a request, in JSON. */
  readonly requestField: string;
  /** The field of an answer that counts what was rejected, in JSON. */
  readonly rejectedField: string;
}

export const SIGNALS: readonly Signal[] = [
  {
    path: "/v1/traces",
    records: "spans",
    requestField: "resourceSpans",
    rejectedField: "rejectedSpans",
  },
  {
    path: "/v1/logs",
    records: "log records",
    requestField: "resourceLogs",
    rejectedField: "rejectedLogRecords",
  },
  {
    path: "/v1/metrics",
    records: "data points",
    requestField: "resourceMetrics",
    rejectedField: "rejectedDataPoints",
  },
];

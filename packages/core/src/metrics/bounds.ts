/** Where the buckets of our histograms end. */

/** Seconds: the bounds that OpenTelemetry's conventions have for database calls, and finer ones below, for calls of 20 µs. */
export const SECONDS_BOUNDS: readonly number[] = [
  0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10,
];

/** Rows in a batch. */
export const BATCH_ROWS_BOUNDS: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/**
 * The three signals: how a request is taken apart into records, and which row each becomes.
 *
 * A request is first read as far as its records, all of it, so that a body that is damaged is refused as a whole with
 * nothing stored. The records themselves are read one by one as they are stored, so that memory holds few of them.
 */
import type { AddResult, WriteOptions } from "@telepool/core";
import type { AppStore } from "../app-deps.ts";
import { DecodeBudget, type Decoder } from "./decoder.ts";
import { logEvent, type Occurrences } from "./log-event.ts";
import { LOG_RECORD, LOGS_REQUEST } from "./log-messages.ts";
import { metricEvent, sourcesOf } from "./metric-event.ts";
import { METRICS_REQUEST, type Metric } from "./metric-messages.ts";
import { Origin } from "./origin.ts";
import { spanProfile } from "./span-profile.ts";
import { SPAN, TRACE_REQUEST } from "./trace-messages.ts";

/** The most records in one request. */
export const MAX_RECORDS = 50_000;
/** The most values in what is read at once of a request: everything but its records. */
const MAX_VALUES_AROUND_RECORDS = 500_000;
/** The most values in a record: attributes, elements of lists, events, links, buckets. */
const MAX_VALUES_IN_RECORD = 100_000;

/** Records that share where they come from. */
export interface RecordGroup {
  /** To be given to `store` one by one. */
  readonly records: readonly unknown[];
  /** About how many bytes each row repeats of what the records share. */
  readonly sharedBytes: number;
  /**
   * Reads a record and stores it.
   *
   * @throws MalformedError, or what the store says
   */
  store(record: unknown, options: WriteOptions): Promise<AddResult>;
}

/** One of the signals of OpenTelemetry. */
export interface Signal {
  readonly path: "/v1/traces" | "/v1/logs" | "/v1/metrics";
  /** Names its records, in the plural. */
  readonly records: string;
  /** The one field of a request, in JSON. */
  readonly requestField: string;
  /** The field of an answer that counts what was rejected, in JSON. */
  readonly rejectedField: string;
  /**
   * @throws MalformedError
   */
  groups(encoded: unknown, decoder: Decoder, store: AppStore): RecordGroup[];
}

export const TRACES: Signal = {
  path: "/v1/traces",
  records: "spans",
  requestField: "resourceSpans",
  rejectedField: "rejectedSpans",
  groups: (encoded, decoder, store) => {
    const { resourceSpans } = decoder.read(encoded, TRACE_REQUEST, requestBudget());
    return resourceSpans.flatMap(({ resource, scopeSpans, schemaUrl: resourceSchemaUrl }) =>
      scopeSpans.flatMap(({ scope, spans, schemaUrl: scopeSchemaUrl }) => {
        const origin = new Origin({ resource, resourceSchemaUrl, scope, scopeSchemaUrl });
        return group(spans, origin, async (record, options) => {
          const span = decoder.read(record, SPAN, recordBudget());
          return await store.addProfile(spanProfile(span, origin), options);
        });
      }),
    );
  },
};

export const LOGS: Signal = {
  path: "/v1/logs",
  records: "log records",
  requestField: "resourceLogs",
  rejectedField: "rejectedLogRecords",
  groups: (encoded, decoder, store) => {
    const occurrences: Occurrences = new Map();
    const { resourceLogs } = decoder.read(encoded, LOGS_REQUEST, requestBudget());
    return resourceLogs.flatMap(({ resource, scopeLogs, schemaUrl: resourceSchemaUrl }) =>
      scopeLogs.flatMap(({ scope, logRecords, schemaUrl: scopeSchemaUrl }) => {
        const origin = new Origin({ resource, resourceSchemaUrl, scope, scopeSchemaUrl });
        return group(logRecords, origin, async (record, options) => {
          const log = decoder.read(record, LOG_RECORD, recordBudget());
          return await store.addEvent(logEvent(log, origin, occurrences), options);
        });
      }),
    );
  },
};

export const METRICS: Signal = {
  path: "/v1/metrics",
  records: "data points",
  requestField: "resourceMetrics",
  rejectedField: "rejectedDataPoints",
  groups: (encoded, decoder, store) => {
    const { resourceMetrics } = decoder.read(encoded, METRICS_REQUEST, requestBudget());
    return resourceMetrics.flatMap(({ resource, scopeMetrics, schemaUrl: resourceSchemaUrl }) =>
      scopeMetrics.flatMap(({ scope, metrics, schemaUrl: scopeSchemaUrl }) => {
        const origin = new Origin({ resource, resourceSchemaUrl, scope, scopeSchemaUrl });
        return metrics.flatMap((metric) =>
          sourcesOf(metric, origin).flatMap((source) =>
            group(
              source.data.dataPoints,
              origin,
              async (record, options) =>
                await store.addEvent(metricEvent(record, source, decoder, recordBudget()), options),
              () => bytesOf(metric),
            ),
          ),
        );
      }),
    );
  },
};

/** The group, if there are records: a small body can hold a great many lists of none, which must cost nothing. */
function group(
  records: readonly unknown[],
  origin: Origin,
  store: RecordGroup["store"],
  otherBytes: () => number = () => 0,
): RecordGroup[] {
  return records.length === 0 ? [] : [{ records, sharedBytes: origin.bytes + otherBytes(), store }];
}

/** About how many bytes each point repeats of its metric. */
function bytesOf({ name, description, unit, metadata }: Metric): number {
  return name.length + description.length + unit.length + JSON.stringify(metadata).length;
}

function requestBudget(): DecodeBudget {
  return new DecodeBudget({ maxValues: MAX_VALUES_AROUND_RECORDS, maxRecords: MAX_RECORDS });
}

function recordBudget(): DecodeBudget {
  return new DecodeBudget({ maxValues: MAX_VALUES_IN_RECORD, maxRecords: 0 });
}

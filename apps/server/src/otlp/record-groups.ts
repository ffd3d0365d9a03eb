/** How a request of each signal is taken apart into records, and which row each becomes. */
import type { AddResult, WriteOptions } from "@telepool/core";
import type { AppStore } from "../app-deps.ts";
import type { DecodeBudget, Decoder } from "./decoder.ts";
import { logEvent, type Occurrences } from "./log-event.ts";
import type { Decoded } from "./messages.ts";
import { metricEvent, sourcesOf } from "./metric-event.ts";
import { Origin, type ResourcePart, type ScopePart } from "./origin.ts";
import type { Signal } from "./signals.ts";
import { spanProfile } from "./span-profile.ts";

/** Records that share where they come from; there is one at least. */
export interface RecordGroup {
  /** To be given to `store` one by one. */
  readonly records: readonly unknown[];
  /** About how many bytes each row repeats of what the records share. */
  readonly sharedBytes: number;
  /**
   * Reads a record, before it returns, and stores it.
   *
   * @throws MalformedError, or what the store says
   */
  store(record: unknown, budget: DecodeBudget, options: WriteOptions): Promise<AddResult>;
}

/** @throws MalformedError */
type Groups = (encoded: unknown, decoder: Decoder, budget: DecodeBudget, store: AppStore) => Iterable<RecordGroup>;

/** The records of a request, by the path that it was sent to. */
export const GROUPS: Readonly<Record<Signal["path"], Groups>> = {
  *"/v1/traces"(encoded, decoder, requestBudget, store) {
    const { resourceSpans } = decoder.read(encoded, "TracesData", requestBudget);
    for (const [origin, { spans }] of scopesOf(resourceSpans, ({ scopeSpans }) => scopeSpans)) {
      if (spans === undefined) continue;
      yield {
        records: spans,
        sharedBytes: origin.bytes,
        store: async (record, budget, options) =>
          await store.addProfile(spanProfile(decoder.read(record, "Span", budget), origin), options),
      };
    }
  },
  *"/v1/logs"(encoded, decoder, requestBudget, store) {
    const occurrences: Occurrences = new Map();
    const { resourceLogs } = decoder.read(encoded, "LogsData", requestBudget);
    for (const [origin, { logRecords }] of scopesOf(resourceLogs, ({ scopeLogs }) => scopeLogs)) {
      if (logRecords === undefined) continue;
      yield {
        records: logRecords,
        sharedBytes: origin.bytes,
        store: async (record, budget, options) =>
          await store.addEvent(logEvent(decoder.read(record, "LogRecord", budget), origin, occurrences), options),
      };
    }
  },
  *"/v1/metrics"(encoded, decoder, requestBudget, store) {
    const { resourceMetrics } = decoder.read(encoded, "MetricsData", requestBudget);
    for (const [origin, { metrics = [] }] of scopesOf(resourceMetrics, ({ scopeMetrics }) => scopeMetrics)) {
      for (const source of metrics.flatMap(sourcesOf)) {
        if (source.data.dataPoints === undefined) continue;
        yield {
          records: source.data.dataPoints,
          sharedBytes: origin.bytes + bytesOf(source.metric),
          store: async (record, budget, options) =>
            await store.addEvent(metricEvent(record, source, origin, decoder, budget), options),
        };
      }
    }
  },
};

function* scopesOf<R extends ResourcePart, S extends ScopePart>(
  resources: readonly R[] = [],
  scopesIn: (resource: R) => readonly S[] | undefined,
): Generator<[Origin, S]> {
  for (const resource of resources) {
    for (const scope of scopesIn(resource) ?? []) yield [new Origin(resource, scope), scope];
  }
}

/** About how many bytes each point repeats of its metric. */
function bytesOf({ name, description, unit, metadata }: Decoded<"Metric">): number {
  return JSON.stringify({ name, description, unit, metadata }).length;
}

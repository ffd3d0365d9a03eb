/**
 * A log record as an event of type `log`, of the session that its trace is.
 *
 * A record has no id, so its content makes one: what an exporter sends again is stored once. Records of one request that
 * are equal to the nanosecond are counted, and all of them stored. A record without any time gets an id of its own: two
 * that are equal then say nothing of being one.
 */
import type { EventInput } from "@telepool/core";
import type { LogRecord } from "./log-messages.ts";
import { digest, type Origin } from "./origin.ts";
import { filled, MalformedError, toMs, toNanoText } from "./telemetry-value.ts";

/** The type of every such event. */
export const LOG_EVENT = "log";

/** How often each id has come in a request. */
export type Occurrences = Map<string, number>;

/** @throws MalformedError for a record with nothing in it, which is what most spans look like as logs */
export function logEvent(record: LogRecord, origin: Origin, occurrences: Occurrences): EventInput {
  // What is undefined does not become JSON.
  const content = {
    timeUnixNano: toNanoText(record.timeUnixNano),
    observedTimeUnixNano: toNanoText(record.observedTimeUnixNano),
    severityNumber: record.severityNumber || undefined,
    severityText: record.severityText || undefined,
    eventName: record.eventName || undefined,
    body: record.body ?? undefined,
    attributes: filled(record.attributes),
    droppedAttributesCount: record.droppedAttributesCount || undefined,
    traceId: record.traceId || undefined,
    spanId: record.spanId || undefined,
    flags: record.flags || undefined,
  };
  const json = JSON.stringify(content);
  if (json === "{}") throw new MalformedError("a log record needs a time, a severity, a body, a name or attributes");
  const timestamp = toMs(record.timeUnixNano) ?? toMs(record.observedTimeUnixNano);
  return {
    ...(timestamp === undefined ? {} : { timestamp, id: nextId(digest(LOG_EVENT, origin.digest, json), occurrences) }),
    type: LOG_EVENT,
    session: record.traceId || null,
    data: { ...content, ...origin.shown },
  };
}

function nextId(id: string, occurrences: Occurrences): string {
  const occurrence = (occurrences.get(id) ?? 0) + 1;
  occurrences.set(id, occurrence);
  return occurrence === 1 ? id : `${id}-${occurrence}`;
}

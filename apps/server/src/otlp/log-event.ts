/**
 * A log record as an event of type `log`, of the session that its trace is.
 *
 * A record has no id, so its content makes one: what an exporter sends again is stored once. Records of one request that
 * are equal to the nanosecond are counted, and all of them stored. A record without any time gets an id of its own: two
 * that are equal then say nothing of being one.
 */
import type { EventInput } from "@telepool/core";
import { MalformedError } from "./decoder.ts";
import type { Decoded } from "./messages.ts";
import { digest, type Origin } from "./origin.ts";
import { toMs } from "./telemetry-value.ts";

const LOG_EVENT = "log";

/** How often each id has come in a request. */
export type Occurrences = Map<string, number>;

/** @throws MalformedError for a record with nothing in it, which is what most spans look like as logs */
export function logEvent(record: Decoded<"LogRecord">, origin: Origin, occurrences: Occurrences): EventInput {
  const content = { ...record, body: record.body ?? undefined };
  const json = JSON.stringify(content); // without what is undefined
  if (json === "{}") throw new MalformedError("a log record needs a time, a severity, a body, a name or attributes");
  const timestamp = toMs(record.timeUnixNano ?? record.observedTimeUnixNano);
  return {
    ...(timestamp === undefined ? {} : { timestamp, id: nextId(digest(LOG_EVENT, origin.digest, json), occurrences) }),
    type: LOG_EVENT,
    session: record.traceId ?? null,
    data: { ...content, ...origin.shown },
  };
}

function nextId(id: string, occurrences: Occurrences): string {
  const occurrence = (occurrences.get(id) ?? 0) + 1;
  occurrences.set(id, occurrence);
  return occurrence === 1 ? id : `${id}-${occurrence}`;
}

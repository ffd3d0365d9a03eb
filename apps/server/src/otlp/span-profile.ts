/** A span as a profile: its trace is the session, its service the member, its name the document. */
import type { JsonValue, ProfileInput } from "@telepool/core";
import type { Origin } from "./origin.ts";
import { filled, MalformedError, rowName, toMs, toNanoText } from "./telemetry-value.ts";
import type { Span, SpanEvent, SpanLink } from "./trace-messages.ts";

const KINDS: readonly (string | undefined)[] = [undefined, "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_CODES: readonly string[] = ["UNSET", "OK", "ERROR"];
const NANOS_PER_MS = 1_000_000;

/**
 * @throws MalformedError for a span without ids, which is what most logs and metrics look like when they are sent to the
 *   path for traces
 */
export function spanProfile(span: Span, origin: Origin): ProfileInput {
  if (span.traceId === "" || span.spanId === "") {
    throw new MalformedError("a span needs a trace id of 16 bytes and a span id of 8 bytes, neither of them all zero");
  }
  const timestamp = toMs(span.startTimeUnixNano);
  return {
    id: `${span.traceId}-${span.spanId}`,
    session: span.traceId,
    member: origin.service,
    document: rowName(span.name, "unnamed"),
    ...(timestamp === undefined ? {} : { timestamp }),
    // What is undefined does not become JSON.
    profile: {
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId || undefined,
      name: span.name || undefined,
      kind: KINDS[span.kind] ?? (span.kind || undefined),
      durationMs: durationMs(span),
      startTimeUnixNano: toNanoText(span.startTimeUnixNano),
      endTimeUnixNano: toNanoText(span.endTimeUnixNano),
      status: statusOf(span),
      attributes: filled(span.attributes),
      droppedAttributesCount: span.droppedAttributesCount || undefined,
      events: filled(span.events.map(shownEvent)),
      droppedEventsCount: span.droppedEventsCount || undefined,
      links: filled(span.links.map(shownLink)),
      droppedLinksCount: span.droppedLinksCount || undefined,
      traceState: span.traceState || undefined,
      flags: span.flags || undefined,
      ...origin.shown,
    },
  };
}

/** Exact for spans of less than 104 days; none for a span that has not ended, or ended before it began. */
function durationMs({ startTimeUnixNano, endTimeUnixNano }: Span): number | undefined {
  const isKnown = startTimeUnixNano !== 0n && endTimeUnixNano >= startTimeUnixNano;
  return isKnown ? Number(endTimeUnixNano - startTimeUnixNano) / NANOS_PER_MS : undefined;
}

function statusOf({ status }: Span): Record<string, JsonValue | undefined> {
  const code = status?.code ?? 0;
  return { code: STATUS_CODES[code] ?? code, message: status?.message || undefined };
}

function shownEvent(event: SpanEvent): object {
  return {
    name: event.name || undefined,
    timeUnixNano: toNanoText(event.timeUnixNano),
    attributes: filled(event.attributes),
    droppedAttributesCount: event.droppedAttributesCount || undefined,
  };
}

function shownLink(link: SpanLink): object {
  return {
    traceId: link.traceId || undefined,
    spanId: link.spanId || undefined,
    traceState: link.traceState || undefined,
    attributes: filled(link.attributes),
    droppedAttributesCount: link.droppedAttributesCount || undefined,
    flags: link.flags || undefined,
  };
}

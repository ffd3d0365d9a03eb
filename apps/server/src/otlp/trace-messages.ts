/** The messages of `/v1/traces`. */
import type { JsonObject } from "@telepool/core";
import { RESOURCE, type Resource, SCOPE, type Scope } from "./common-messages.ts";
import {
  attributes,
  enumeration,
  fixed32,
  fixed64,
  listOf,
  type Message,
  message,
  nested,
  records,
  spanId,
  text,
  traceId,
  uint32,
} from "./message.ts";

export interface TraceRequest {
  readonly resourceSpans: readonly ResourceSpans[];
}

interface ResourceSpans {
  readonly resource: Resource | undefined;
  readonly scopeSpans: readonly ScopeSpans[];
  readonly schemaUrl: string;
}

interface ScopeSpans {
  readonly scope: Scope | undefined;
  /** To be read as `SPAN`. */
  readonly spans: readonly unknown[];
  readonly schemaUrl: string;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status: SpanStatus | undefined;
  readonly flags: number;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

interface SpanStatus {
  readonly message: string;
  readonly code: number;
}

const SPAN_EVENT: Message<SpanEvent> = message({
  timeUnixNano: fixed64(1),
  name: text(2),
  attributes: attributes(3),
  droppedAttributesCount: uint32(4),
});

const SPAN_LINK: Message<SpanLink> = message({
  traceId: traceId(1),
  spanId: spanId(2),
  traceState: text(3),
  attributes: attributes(4),
  droppedAttributesCount: uint32(5),
  flags: fixed32(6),
});

const SPAN_STATUS: Message<SpanStatus> = message({ message: text(2), code: enumeration(3) });

export const SPAN: Message<Span> = message({
  traceId: traceId(1),
  spanId: spanId(2),
  traceState: text(3),
  parentSpanId: spanId(4),
  name: text(5),
  kind: enumeration(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: attributes(9),
  droppedAttributesCount: uint32(10),
  events: listOf(11, () => SPAN_EVENT),
  droppedEventsCount: uint32(12),
  links: listOf(13, () => SPAN_LINK),
  droppedLinksCount: uint32(14),
  status: nested(15, () => SPAN_STATUS),
  flags: fixed32(16),
});

const SCOPE_SPANS: Message<ScopeSpans> = message({
  scope: nested(1, () => SCOPE),
  spans: records(2),
  schemaUrl: text(3),
});

const RESOURCE_SPANS: Message<ResourceSpans> = message({
  resource: nested(1, () => RESOURCE),
  scopeSpans: listOf(2, () => SCOPE_SPANS),
  schemaUrl: text(3),
});

export const TRACE_REQUEST: Message<TraceRequest> = message({ resourceSpans: listOf(1, () => RESOURCE_SPANS) });

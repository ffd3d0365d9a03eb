/** The messages of `/v1/logs`. */
import type { JsonObject, JsonValue } from "@telepool/core";
import { RESOURCE, type Resource, SCOPE, type Scope } from "./common-messages.ts";
import {
  anyValue,
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

export interface LogsRequest {
  readonly resourceLogs: readonly ResourceLogs[];
}

interface ResourceLogs {
  readonly resource: Resource | undefined;
  readonly scopeLogs: readonly ScopeLogs[];
  readonly schemaUrl: string;
}

interface ScopeLogs {
  readonly scope: Scope | undefined;
  /** To be read as `LOG_RECORD`. */
  readonly logRecords: readonly unknown[];
  readonly schemaUrl: string;
}

export interface LogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: JsonValue | undefined;
  readonly attributes: JsonObject;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
}

export const LOG_RECORD: Message<LogRecord> = message({
  timeUnixNano: fixed64(1),
  observedTimeUnixNano: fixed64(11),
  severityNumber: enumeration(2),
  severityText: text(3),
  body: anyValue(5),
  attributes: attributes(6),
  droppedAttributesCount: uint32(7),
  flags: fixed32(8),
  traceId: traceId(9),
  spanId: spanId(10),
  eventName: text(12),
});

const SCOPE_LOGS: Message<ScopeLogs> = message({
  scope: nested(1, () => SCOPE),
  logRecords: records(2),
  schemaUrl: text(3),
});

const RESOURCE_LOGS: Message<ResourceLogs> = message({
  resource: nested(1, () => RESOURCE),
  scopeLogs: listOf(2, () => SCOPE_LOGS),
  schemaUrl: text(3),
});

export const LOGS_REQUEST: Message<LogsRequest> = message({ resourceLogs: listOf(1, () => RESOURCE_LOGS) });

/** Writes protobuf by the decoder's tables, of JSON as OTLP has it: so that tests can send whatever they like. */
import { RESOURCE } from "../../src/otlp/common-messages.ts";
import { LOG_RECORD, LOGS_REQUEST } from "../../src/otlp/log-messages.ts";
import type { Message, NamedField } from "../../src/otlp/message.ts";
import {
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRICS_REQUEST,
  NUMBER_POINT,
  SUMMARY_POINT,
} from "../../src/otlp/metric-messages.ts";
import { SPAN, TRACE_REQUEST } from "../../src/otlp/trace-messages.ts";

/** JSON as tests write it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it has written itself
type Json = any;

/** What the records of a list are. */
const RECORDS: Readonly<Record<string, Message<object>>> = {
  spans: SPAN,
  logRecords: LOG_RECORD,
  gauge: NUMBER_POINT,
  sum: NUMBER_POINT,
  histogram: HISTOGRAM_POINT,
  exponentialHistogram: EXPONENTIAL_POINT,
  summary: SUMMARY_POINT,
};

const REQUESTS: Readonly<Record<string, Message<object>>> = {
  traces: TRACE_REQUEST,
  logs: LOGS_REQUEST,
  metrics: METRICS_REQUEST,
  resource: RESOURCE,
};

export function encodeProtobuf(signal: "traces" | "logs" | "metrics", json: Json): Buffer {
  return encodeMessage(json, REQUESTS[signal] ?? RESOURCE, signal);
}

function encodeMessage(json: Json, message: Message<object>, within: string): Buffer {
  return Buffer.concat(
    message.fields.flatMap((field) => {
      const value = json[field.name];
      if (value === undefined || value === null) return [];
      if (field.kind === "attributes") return value.map((each: Json) => bytesField(field.number, keyValue(each)));
      return (field.isList ? value : [value]).map((each: Json) => encodeField(each, field, within));
    }),
  );
}

function encodeField(value: Json, { number, kind, name, message }: NamedField, within: string): Buffer {
  if (message !== undefined) return bytesField(number, encodeMessage(value, message(), name));
  const double = Buffer.alloc(8);
  switch (kind) {
    case "raw":
      return bytesField(number, encodeMessage(value, RECORDS[name] ?? RECORDS[within] ?? RESOURCE, name));
    case "any":
      return bytesField(number, anyValue(value));
    case "text":
      return bytesField(number, Buffer.from(value));
    case "traceId":
    case "spanId":
      return bytesField(number, Buffer.from(value, "hex"));
    case "double":
      double.writeDoubleLE(Number(value));
      return Buffer.concat([varint(BigInt(number * 8 + 1)), double]);
    case "fixed64":
    case "sfixed64":
      double.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return Buffer.concat([varint(BigInt(number * 8 + 1)), double]);
    case "fixed32":
      double.writeUInt32LE(value);
      return Buffer.concat([varint(BigInt(number * 8 + 5)), double.subarray(0, 4)]);
    case "sint32":
      return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt((value << 1) ^ (value >> 31)) & 0xffffffffn)]);
    default:
      return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(value)))]);
  }
}

export function anyValue(json: Json): Buffer {
  const double = Buffer.alloc(8);
  if (json.stringValue !== undefined) return bytesField(1, Buffer.from(json.stringValue));
  if (json.boolValue !== undefined) return Buffer.from([2 * 8, json.boolValue ? 1 : 0]);
  if (json.intValue !== undefined) {
    return Buffer.concat([Buffer.from([3 * 8]), varint(BigInt.asUintN(64, BigInt(json.intValue)))]);
  }
  if (json.doubleValue !== undefined) {
    double.writeDoubleLE(Number(json.doubleValue));
    return Buffer.concat([Buffer.from([4 * 8 + 1]), double]);
  }
  if (json.arrayValue !== undefined) {
    const values: Json[] = json.arrayValue.values ?? [];
    return bytesField(5, Buffer.concat(values.map((value) => bytesField(1, anyValue(value)))));
  }
  if (json.kvlistValue !== undefined) {
    const values: Json[] = json.kvlistValue.values ?? [];
    return bytesField(6, Buffer.concat(values.map((value) => bytesField(1, keyValue(value)))));
  }
  return json.bytesValue === undefined ? Buffer.alloc(0) : bytesField(7, Buffer.from(json.bytesValue, "base64"));
}

function keyValue({ key, value }: Json): Buffer {
  const encodedKey = bytesField(1, Buffer.from(key));
  return value === undefined ? encodedKey : Buffer.concat([encodedKey, bytesField(2, anyValue(value))]);
}

/** A field that holds text, bytes or a message. */
export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(value.length)), value]);
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

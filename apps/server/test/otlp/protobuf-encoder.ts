/** Writes protobuf by the decoders' tables, of JSON as OTLP has it: so that tests can send whatever they like. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Field, type MessageName, type ScalarKind, TABLES } from "../../src/otlp/messages.ts";

/** JSON as tests write it. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it has written itself
type Json = any;

const REQUESTS = { traces: "TracesData", logs: "LogsData", metrics: "MetricsData" } as const;

/** What the records are that a message holds, or of which kind its data points are. */
const RECORDS: Readonly<Record<string, MessageName>> = {
  spans: "Span",
  logRecords: "LogRecord",
  gauge: "NumberDataPoint",
  sum: "NumberDataPoint",
  histogram: "HistogramDataPoint",
  exponentialHistogram: "ExponentialHistogramDataPoint",
  summary: "SummaryDataPoint",
};

type Write = (to: BinaryWriter, value: Json) => BinaryWriter;

const SCALARS: Readonly<Record<ScalarKind, readonly [WireType, Write]>> = {
  bool: [WireType.Varint, (to, value) => to.bool(value)],
  bytes: [WireType.LengthDelimited, (to, value) => to.bytes(Buffer.from(value, "base64"))],
  double: [WireType.Bit64, (to, value) => to.double(Number(value))],
  enum: [WireType.Varint, (to, value) => to.int32(value)],
  fixed32: [WireType.Bit32, (to, value) => to.fixed32(value)],
  fixed64: [WireType.Bit64, (to, value) => to.fixed64(value)],
  int64: [WireType.Varint, (to, value) => to.int64(value)],
  sfixed64: [WireType.Bit64, (to, value) => to.sfixed64(value)],
  sint32: [WireType.Varint, (to, value) => to.sint32(value)],
  spanId: [WireType.LengthDelimited, (to, value) => to.bytes(Buffer.from(value, "hex"))],
  text: [WireType.LengthDelimited, (to, value) => to.string(value)],
  time: [WireType.Bit64, (to, value) => to.fixed64(value)],
  traceId: [WireType.LengthDelimited, (to, value) => to.bytes(Buffer.from(value, "hex"))],
  uint32: [WireType.Varint, (to, value) => to.uint32(value)],
  uint64: [WireType.Varint, (to, value) => to.uint64(value)],
};

export function encodeProtobuf(signal: "traces" | "logs" | "metrics", json: Json): Buffer {
  return Buffer.from(encodeMessage(json, REQUESTS[signal], signal));
}

function encodeMessage(json: Json, message: MessageName, within: string): Uint8Array {
  const to = new BinaryWriter();
  for (const field of TABLES[message].fields) {
    const value = json[field.name];
    if (value === undefined || value === null) continue;
    for (const each of Array.isArray(value) ? value : [value]) writeField(to, each, field, within);
  }
  return to.finish();
}

function writeField(to: BinaryWriter, value: Json, { number, kind, name, message }: Field, within: string): void {
  const held = kind === "record" ? (RECORDS[name] ?? RECORDS[within]) : message;
  if (held !== undefined) {
    to.tag(number, WireType.LengthDelimited).bytes(encodeMessage(value, held, name));
    return;
  }
  const [wire, write] = SCALARS[kind as ScalarKind];
  write(to.tag(number, wire), value);
}

/** A field that holds text, bytes or a message. */
export function bytesField(number: number, value: Uint8Array): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(value).finish());
}

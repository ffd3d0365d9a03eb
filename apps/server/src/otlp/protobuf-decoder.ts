/**
 * Reads messages from protobuf, by their tables.
 *
 * As every proto3 parser does: fields that are not known, or are written in another way than the table says, are skipped;
 * of a field that was sent twice the last one counts; numbers in a list may be packed or not.
 */
import type { JsonObject, JsonValue } from "@telepool/core";
import type { DecodeBudget, Decoder } from "./decoder.ts";
import type { Message, NamedField, ScalarKind } from "./message.ts";
import { checkedId, cleanText, jsonDouble, jsonInteger, MAX_VALUE_DEPTH, MalformedError } from "./telemetry-value.ts";
import { WIRE, WireReader } from "./wire-reader.ts";

/** How each kind is written, and read. */
const SCALARS: Readonly<Record<ScalarKind, { readonly wire: number; readonly read: (from: WireReader) => unknown }>> = {
  bool: { wire: WIRE.varint, read: (from) => from.bool() },
  double: { wire: WIRE.fixed64, read: (from) => from.double() },
  enum: { wire: WIRE.varint, read: (from) => from.int32() },
  fixed32: { wire: WIRE.fixed32, read: (from) => from.fixed32() },
  fixed64: { wire: WIRE.fixed64, read: (from) => from.fixed64() },
  sfixed64: { wire: WIRE.fixed64, read: (from) => from.sfixed64() },
  sint32: { wire: WIRE.varint, read: (from) => from.sint32() },
  spanId: { wire: WIRE.bytes, read: (from) => checkedId(from.hex(8), 8) },
  text: { wire: WIRE.bytes, read: (from) => cleanText(from.text()) },
  traceId: { wire: WIRE.bytes, read: (from) => checkedId(from.hex(16), 16) },
  uint32: { wire: WIRE.varint, read: (from) => from.uint32() },
  uint64: { wire: WIRE.varint, read: (from) => from.uint64() },
};

/** The fields of AnyValue, ArrayValue, KeyValueList and KeyValue, as tags. */
const VALUE = {
  text: (1 << 3) | WIRE.bytes,
  bool: (2 << 3) | WIRE.varint,
  integer: (3 << 3) | WIRE.varint,
  double: (4 << 3) | WIRE.fixed64,
  array: (5 << 3) | WIRE.bytes,
  list: (6 << 3) | WIRE.bytes,
  bytes: (7 << 3) | WIRE.bytes,
} as const;
const ELEMENT = (1 << 3) | WIRE.bytes;
const KEY = (1 << 3) | WIRE.bytes;
const VALUE_OF_KEY = (2 << 3) | WIRE.bytes;

/** The decoder for `application/x-protobuf`. */
export const protobufDecoder: Decoder = {
  open: (body) => body,
  read: (encoded, message, budget) => readMessage(new WireReader(encoded as Uint8Array), message, budget), // see `open`
};

function readMessage<T extends object>(from: WireReader, message: Message<T>, budget: DecodeBudget): T {
  budget.takeValue();
  const target = { ...message.absent } as Record<string, unknown>; // its fields are filled in by their names
  while (!from.isAtEnd) {
    const tag = from.tag();
    const field = message.byNumber[tag >>> 3];
    if (field === undefined || !readField(from, field, tag & 7, target, budget)) from.skip(tag & 7);
  }
  return target as T; // the table has the fields of a T
}

/** Reads a field into `target`; false when it is written in another way than the table says. */
function readField(
  from: WireReader,
  field: NamedField,
  wire: number,
  target: Record<string, unknown>,
  budget: DecodeBudget,
): boolean {
  const { name, kind, isList } = field;
  if (kind === "raw" || kind === "message" || kind === "any" || kind === "attributes") {
    if (wire !== WIRE.bytes) return false;
    if (kind === "attributes") readAttribute(from, ownObject(target, field), 0, budget);
    else if (isList) ownList(target, field).push(readNested(from, field, budget));
    else target[name] = readNested(from, field, budget);
    return true;
  }
  const scalar = SCALARS[kind];
  if (isList && wire === WIRE.bytes && scalar.wire !== WIRE.bytes) {
    const list = ownList(target, field);
    const outerEnd = from.enter();
    while (!from.isAtEnd) {
      budget.takeValue();
      list.push(scalar.read(from));
    }
    from.leave(outerEnd);
    return true;
  }
  if (wire !== scalar.wire) return false;
  if (isList) {
    budget.takeValue();
    ownList(target, field).push(scalar.read(from));
  } else {
    target[name] = scalar.read(from);
  }
  return true;
}

function readNested(from: WireReader, { kind, message }: NamedField, budget: DecodeBudget): unknown {
  if (kind === "raw") {
    budget.takeRecord();
    return from.bytes();
  }
  const outerEnd = from.enter();
  const value = message === undefined ? readValue(from, 0, budget) : readMessage(from, message(), budget);
  from.leave(outerEnd);
  return value;
}

/** The list in `target`, which is made when its first element comes. */
function ownList(target: Record<string, unknown>, { name, absent }: NamedField): unknown[] {
  if (target[name] === absent) target[name] = [];
  return target[name] as unknown[]; // made in the line above
}

function ownObject(target: Record<string, unknown>, { name, absent }: NamedField): JsonObject {
  if (target[name] === absent) target[name] = Object.create(null); // a key may be __proto__
  return target[name] as JsonObject; // made in the line above
}

/** An AnyValue; null when it holds nothing. */
function readValue(from: WireReader, depth: number, budget: DecodeBudget): JsonValue {
  let value: JsonValue = null;
  while (!from.isAtEnd) {
    const tag = from.tag();
    if (tag === VALUE.text) value = cleanText(from.text());
    else if (tag === VALUE.integer) value = jsonInteger(from.int64());
    else if (tag === VALUE.double) value = jsonDouble(from.double());
    else if (tag === VALUE.bool) value = from.bool();
    else if (tag === VALUE.bytes) value = from.base64();
    else if (tag === VALUE.array) value = readArray(from, depth + 1, budget);
    else if (tag === VALUE.list) value = readList(from, depth + 1, budget);
    else from.skip(tag & 7);
  }
  return value;
}

function readArray(from: WireReader, depth: number, budget: DecodeBudget): JsonValue[] {
  checkDepth(depth);
  const array: JsonValue[] = [];
  const outerEnd = from.enter();
  while (!from.isAtEnd) {
    const tag = from.tag();
    if (tag !== ELEMENT) {
      from.skip(tag & 7);
      continue;
    }
    budget.takeValue();
    const elementEnd = from.enter();
    array.push(readValue(from, depth, budget));
    from.leave(elementEnd);
  }
  from.leave(outerEnd);
  return array;
}

function readList(from: WireReader, depth: number, budget: DecodeBudget): JsonObject {
  checkDepth(depth);
  const list: JsonObject = Object.create(null);
  const outerEnd = from.enter();
  while (!from.isAtEnd) {
    const tag = from.tag();
    if (tag === ELEMENT) readAttribute(from, list, depth, budget);
    else from.skip(tag & 7);
  }
  from.leave(outerEnd);
  return list;
}

/** A KeyValue, into the object that it belongs to. */
function readAttribute(from: WireReader, into: JsonObject, depth: number, budget: DecodeBudget): void {
  budget.takeValue();
  let key = "";
  let value: JsonValue = null;
  const outerEnd = from.enter();
  while (!from.isAtEnd) {
    const tag = from.tag();
    if (tag === KEY) {
      key = cleanText(from.text());
    } else if (tag === VALUE_OF_KEY) {
      const valueEnd = from.enter();
      value = readValue(from, depth, budget);
      from.leave(valueEnd);
    } else {
      from.skip(tag & 7);
    }
  }
  from.leave(outerEnd);
  into[key] = value;
}

function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError(`a value nests deeper than ${MAX_VALUE_DEPTH} levels`);
}

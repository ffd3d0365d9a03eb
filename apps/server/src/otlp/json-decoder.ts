/**
 * Reads messages from JSON, by their tables, and as strictly as OTLP is: ids are hexadecimal, enums are numbers, whole
 * numbers may be text, `null` is as good as nothing, fields that are not known are ignored.
 *
 * A whole number beyond 2^53 that was not sent as text keeps its digits all the same.
 */
import type { JsonObject, JsonValue } from "@telepool/core";
import type { DecodeBudget, Decoder } from "./decoder.ts";
import { quoteLongNumbers } from "./long-numbers.ts";
import type { Message, NamedField, ScalarKind } from "./message.ts";
import { checkedId, cleanText, jsonDouble, jsonInteger, MAX_VALUE_DEPTH, MalformedError } from "./telemetry-value.ts";

/** `fatal`: damaged text is refused, not stored with replacement characters. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });
const WHOLE = /^-?\d{1,20}$/;
const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** The decoder for `application/json`. */
export const jsonDecoder: Decoder = {
  open: parseBody,
  read: (encoded, message, budget) => readMessage(encoded, message, budget),
};

function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(quoteLongNumbers(body)));
  } catch {
    throw new MalformedError(body.length === 0 ? "it is empty" : "it is not valid JSON in UTF-8");
  }
}

function readMessage<T extends object>(encoded: unknown, message: Message<T>, budget: DecodeBudget): T {
  budget.takeValue();
  const from = object(encoded, "it");
  const target = { ...message.absent } as Record<string, unknown>; // its fields are filled in by their names
  for (const field of message.fields) {
    const value = from[field.name];
    if (value !== undefined && value !== null) target[field.name] = readField(value, field, budget);
  }
  return target as T; // the table has the fields of a T
}

function readField(value: unknown, field: NamedField, budget: DecodeBudget): unknown {
  if (field.kind === "attributes") return readList(value, field.name, 0, budget);
  if (!field.isList) return readOne(value, field, budget);
  return list(value, field.name).map((element) => {
    if (field.message === undefined && field.kind !== "raw") budget.takeValue();
    return readOne(element, field, budget);
  });
}

function readOne(value: unknown, { name, kind, message }: NamedField, budget: DecodeBudget): unknown {
  if (message !== undefined) return readMessage(object(value, name), message(), budget);
  if (kind === "raw") {
    budget.takeRecord();
    return value;
  }
  if (kind === "any") return readValue(value, name, 0, budget);
  return SCALARS[kind as ScalarKind](value, name); // all others are above
}

/** How each kind is read. */
const SCALARS: Readonly<Record<ScalarKind, (value: unknown, name: string) => unknown>> = {
  bool: (value, name) => (typeof value === "boolean" ? value : refuse(name, "true or false")),
  double: readDouble,
  enum: (value, name) => (typeof value === "number" ? Number(readWhole(value, name, INT32)) : refuse(name, "a number")),
  fixed32: (value, name) => Number(readWhole(value, name, UINT32)),
  fixed64: (value, name) => readWhole(value, name, UINT64),
  sfixed64: (value, name) => readWhole(value, name, INT64),
  sint32: (value, name) => Number(readWhole(value, name, INT32)),
  spanId: (value, name) => checkedId(readText(value, name), 8),
  text: readText,
  traceId: (value, name) => checkedId(readText(value, name), 16),
  uint32: (value, name) => Number(readWhole(value, name, UINT32)),
  uint64: (value, name) => readWhole(value, name, UINT64),
};

interface Range {
  readonly least: bigint;
  readonly most: bigint;
}

const INT32: Range = { least: -(2n ** 31n), most: 2n ** 31n - 1n };
const UINT32: Range = { least: 0n, most: 2n ** 32n - 1n };
const INT64: Range = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const UINT64: Range = { least: 0n, most: 2n ** 64n - 1n };

function readText(value: unknown, name: string): string {
  return typeof value === "string" ? cleanText(value) : refuse(name, "text");
}

function readDouble(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return refuse(name, "a number");
  const number = NOT_FINITE[value] ?? (value.trim() === "" ? Number.NaN : Number(value));
  return Number.isNaN(number) && value !== "NaN" ? refuse(name, "a number") : number;
}

function readWhole(value: unknown, name: string, { least, most }: Range): bigint {
  const isWhole = typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && WHOLE.test(value);
  if (!isWhole) return refuse(name, "a whole number, or one as text");
  const whole = BigInt(value as number | string); // the line above leaves these
  return whole >= least && whole <= most ? whole : refuse(name, `a whole number from ${least} to ${most}`);
}

/** An AnyValue; null when it holds nothing. */
function readValue(encoded: unknown, name: string, depth: number, budget: DecodeBudget): JsonValue {
  if (encoded === null) return null;
  const from = object(encoded, name);
  const { stringValue, intValue, doubleValue, boolValue, arrayValue, kvlistValue, bytesValue } = from;
  if (isThere(stringValue)) return readText(stringValue, "stringValue");
  if (isThere(intValue)) return jsonInteger(readWhole(intValue, "intValue", INT64));
  if (isThere(doubleValue)) return jsonDouble(readDouble(doubleValue, "doubleValue"));
  if (isThere(boolValue)) return typeof boolValue === "boolean" ? boolValue : refuse("boolValue", "true or false");
  if (isThere(bytesValue)) return Buffer.from(readText(bytesValue, "bytesValue"), "base64").toString("base64");
  if (isThere(arrayValue)) return readArray(elements(arrayValue, "arrayValue"), depth + 1, budget);
  if (isThere(kvlistValue)) return readList(elements(kvlistValue, "kvlistValue"), "kvlistValue", depth + 1, budget);
  return null;
}

/** The `values` of an ArrayValue or a KeyValueList. */
function elements(encoded: unknown, name: string): readonly unknown[] {
  return list(object(encoded, name).values ?? [], "values");
}

function readArray(values: readonly unknown[], depth: number, budget: DecodeBudget): JsonValue[] {
  checkDepth(depth);
  return values.map((value) => {
    budget.takeValue();
    return readValue(value, "values", depth, budget);
  });
}

/** A list of keys and values as an object. */
function readList(encoded: unknown, name: string, depth: number, budget: DecodeBudget): JsonObject {
  checkDepth(depth);
  const into: JsonObject = Object.create(null); // a key may be __proto__
  for (const element of list(encoded, name)) {
    budget.takeValue();
    const { key, value } = object(element, name);
    into[isThere(key) ? readText(key, "key") : ""] = readValue(value ?? null, "value", depth, budget);
  }
  return into;
}

function object(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : refuse(name, "an object"); // the line above looked
}

function list(value: unknown, name: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(name, "a list");
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function checkDepth(depth: number): void {
  if (depth > MAX_VALUE_DEPTH) throw new MalformedError(`a value nests deeper than ${MAX_VALUE_DEPTH} levels`);
}

function refuse(name: string, wanted: string): never {
  throw new MalformedError(`${name} must be ${wanted}`);
}

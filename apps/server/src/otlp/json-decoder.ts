/**
 * Reads messages from JSON, by their tables, and as strictly as OTLP is: ids are hexadecimal, enums are numbers, whole
 * numbers may be text, `null` is as good as nothing, fields that are not known are ignored.
 *
 * A whole number beyond 2^53 that was not sent as text keeps its digits all the same.
 */
import { type DecodeBudget, type Decoder, depthOf, MalformedError, put, type Target } from "./decoder.ts";
import { type Decoded, type Field, type MessageName, type ScalarKind, TABLES } from "./messages.ts";
import { checkedId, cleanText, jsonDouble, jsonInteger, nanosText } from "./telemetry-value.ts";

/** `fatal`: damaged text is refused, not stored with replacement characters. */
const UTF8 = new TextDecoder("utf-8", { fatal: true });
/** Text, or a whole number that a double might not hold: 2^53 has sixteen digits. */
const TEXT_OR_LONG = /"[^"\\]*(?:\\.[^"\\]*)*"?|(?<=[\s:,[])-?\d{16,}(?=[\s,\]}])/gs;
const MAY_HAVE_LONG = /[\s:,[]-?\d{16}/;
const WHOLE = /^-?\d{1,20}$/;

/** The decoder for `application/json`. */
export const jsonDecoder: Decoder = {
  open: parseBody,
  read: (encoded, message, budget) => readMessage(encoded, "it", message, budget, 0) as Decoded<typeof message>, // as its table says
};

function parseBody(body: Uint8Array): unknown {
  try {
    const text = UTF8.decode(body);
    return JSON.parse(MAY_HAVE_LONG.test(text) ? quoteLongNumbers(text) : text);
  } catch {
    throw new MalformedError(body.length === 0 ? "it is empty" : "it is not valid JSON in UTF-8");
  }
}

/** `{"n": 9007199254740993}` becomes `{"n": "9007199254740993"}`. JSON's own way, a reviver, is called for every value. */
function quoteLongNumbers(json: string): string {
  return json.replace(TEXT_OR_LONG, (found) => (found.startsWith('"') ? found : `"${found}"`));
}

function readMessage(
  encoded: unknown,
  name: string,
  message: MessageName,
  budget: DecodeBudget,
  depth: number,
): Target {
  const from = isObject(encoded) ? encoded : refuse(name, "an object");
  const { fields, absent } = TABLES[message];
  const target: Target = { ...absent };
  for (const field of fields) {
    const value = from[field.name];
    if (value !== undefined && value !== null) readField(value, field, target, budget, depth);
  }
  return target;
}

function readField(value: unknown, field: Field, target: Target, budget: DecodeBudget, depth: number): void {
  if (!field.isList) put(target, field, readOne(value, field, budget, depth), budget);
  else if (!Array.isArray(value)) refuse(field.name, "a list");
  else for (const element of value) put(target, field, readOne(element, field, budget, depth), budget);
}

function readOne(value: unknown, field: Field, budget: DecodeBudget, depth: number): unknown {
  const { name, kind, message } = field;
  if (message !== undefined) return readMessage(value, name, message, budget, depthOf(field, depth));
  return kind === "record" ? value : SCALARS[kind as ScalarKind](value, name); // all others are above
}

type Reader = (value: unknown, name: string) => unknown;

const int32 = whole(-(2n ** 31n), 2n ** 31n - 1n);
const int64 = whole(-(2n ** 63n), 2n ** 63n - 1n);
const uint32 = whole(0n, 2n ** 32n - 1n);
const uint64 = whole(0n, 2n ** 64n - 1n);

/** How each kind is read. */
const SCALARS: Readonly<Record<ScalarKind, Reader>> = {
  bool: (value, name) => (typeof value === "boolean" ? value : refuse(name, "true or false")),
  bytes: (value, name) => Buffer.from(text(value, name), "base64").toString("base64"),
  double: (value, name) => jsonDouble(double(value, name)),
  enum: (value, name) => (typeof value === "number" ? int32(value, name) : refuse(name, "a number")),
  fixed32: uint32,
  fixed64: uint64,
  int64,
  sfixed64: int64,
  sint32: int32,
  spanId: (value, name) => checkedId(text(value, name), 8),
  text,
  time: (value, name) => nanosText(BigInt(uint64(value, name))),
  traceId: (value, name) => checkedId(text(value, name), 16),
  uint32,
  uint64,
};

function text(value: unknown, name: string): string {
  return typeof value === "string" ? cleanText(value) : refuse(name, "text");
}

function double(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isNaN(number) && value !== "NaN" ? refuse(name, "a number") : number;
}

/** Reads whole numbers of a range. */
function whole(least: bigint, most: bigint): (value: unknown, name: string) => number | string {
  return (value, name) => {
    const isWhole =
      typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && WHOLE.test(value);
    if (!isWhole) return refuse(name, "a whole number, or one as text");
    const number = BigInt(value as number | string); // the line above leaves these
    return number >= least && number <= most
      ? jsonInteger(number)
      : refuse(name, `a whole number from ${least} to ${most}`);
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(name: string, wanted: string): never {
  throw new MalformedError(`${name} must be ${wanted}`);
}

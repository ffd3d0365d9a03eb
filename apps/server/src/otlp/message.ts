/**
 * How the messages of OTLP are described: one table for each, which both decoders follow, protobuf by the number of a
 * field and JSON by its name. The compiler holds table and type together.
 *
 * The tables have what telepool reads. Whatever else is sent is skipped, as OTLP wants it of fields that are not known.
 */
import type { JsonObject, JsonValue } from "@telepool/core";

/** Values of one number, text or truth. */
export type ScalarKind =
  | "bool"
  | "double"
  | "enum"
  | "fixed32"
  | "fixed64"
  | "sfixed64"
  | "sint32"
  | "spanId"
  | "text"
  | "traceId"
  | "uint32"
  | "uint64";

/** What a field holds. */
export type Kind = ScalarKind | "any" | "attributes" | "message" | "raw";

/** A field whose value has the type `V`. */
export interface Field<V> {
  readonly number: number;
  readonly kind: Kind;
  readonly isList: boolean;
  /** The table of the message that it holds. */
  readonly message: (() => Message<object>) | undefined;
  /** Its value when it was not sent. */
  readonly absent: V;
}

/** A field and its name in JSON. */
export interface NamedField extends Field<unknown> {
  readonly name: string;
}

/** The table of a message that is decoded as a `T`. */
export interface Message<T extends object> {
  readonly fields: readonly NamedField[];
  /** The fields at the index of their number. */
  readonly byNumber: readonly (NamedField | undefined)[];
  /** The message of which nothing was sent. */
  readonly absent: T;
}

/** Makes a table. */
export function message<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Message<T> {
  const named = Object.entries<Field<unknown>>(fields).map(([name, field]) => ({ ...field, name }));
  const byNumber: (NamedField | undefined)[] = [];
  for (const field of named) byNumber[field.number] = field;
  // The mapped type above has said that these are the fields of T.
  const absent = Object.fromEntries(named.map((field) => [field.name, field.absent])) as T;
  return { fields: named, byNumber, absent };
}

function field<V>(number: number, kind: Kind, absent: V): Field<V> {
  return { number, kind, isList: false, message: undefined, absent };
}

const NO_ATTRIBUTES: JsonObject = Object.freeze({});
const NOTHING: readonly never[] = Object.freeze([]);

/** Text without NUL and lone surrogates. */
export const text = (number: number): Field<string> => field(number, "text", "");
/** 32 hexadecimal digits, or `""` for an id that is absent, all zero or of another length. */
export const traceId = (number: number): Field<string> => field(number, "traceId", "");
/** 16 hexadecimal digits, or `""` likewise. */
export const spanId = (number: number): Field<string> => field(number, "spanId", "");
export const bool = (number: number): Field<boolean> => field(number, "bool", false);
export const double = (number: number): Field<number> => field(number, "double", 0);
export const enumeration = (number: number): Field<number> => field(number, "enum", 0);
export const fixed32 = (number: number): Field<number> => field(number, "fixed32", 0);
export const uint32 = (number: number): Field<number> => field(number, "uint32", 0);
export const sint32 = (number: number): Field<number> => field(number, "sint32", 0);
export const fixed64 = (number: number): Field<bigint> => field(number, "fixed64", 0n);
export const sfixed64 = (number: number): Field<bigint> => field(number, "sfixed64", 0n);
export const uint64 = (number: number): Field<bigint> => field(number, "uint64", 0n);
/** A list of keys and values as one object; of equal keys the last one counts. */
export const attributes = (number: number): Field<JsonObject> => field(number, "attributes", NO_ATTRIBUTES);
/** Any value, as JSON. */
export const anyValue = (number: number): Field<JsonValue | undefined> => field(number, "any", undefined);
/** Messages that are decoded later, each by itself: records, of which one that cannot be read spoils no other. */
export const records = (number: number): Field<readonly unknown[]> => ({
  ...field(number, "raw", NOTHING),
  isList: true,
});

/** A message within a message. */
export function nested<T extends object>(number: number, table: () => Message<T>): Field<T | undefined> {
  return { ...field(number, "message", undefined), message: table };
}

/** Messages within a message. */
export function listOf<T extends object>(number: number, table: () => Message<T>): Field<readonly T[]> {
  return { ...field(number, "message", NOTHING), message: table, isList: true };
}

/** Any number of what a field holds one of. */
export function many<V>(one: Field<V>): Field<readonly V[]> {
  return { ...one, isList: true, absent: NOTHING };
}

/** A field of which it matters whether it was sent. */
export function optional<V>(one: Field<V>): Field<V | undefined> {
  return { ...one, absent: undefined };
}

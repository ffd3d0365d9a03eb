/** What the decoders of both encodings have in common: how they are called, what they make of a body, and how much. */
import type { JsonObject, JsonValue } from "@telepool/core";
import type { Decoded, Field, MessageName } from "./messages.ts";

/** How deep arrays and lists may nest in a value. The store takes 100 levels, of which a row has some of its own. */
const MAX_VALUE_DEPTH = 64;

/** What a client sent and the server cannot read; the message is shown to the client. */
export class MalformedError extends Error {
  override readonly name: string = "MalformedError";
}

/** More than is taken at once. */
export class TooMuchError extends MalformedError {
  override readonly name = "TooMuchError";
}

/** Reads messages out of a body, in one of the encodings. */
export interface Decoder {
  /** What a body as a whole holds, for `read`. */
  open(body: Uint8Array): unknown;
  /**
   * @param encoded what `open` returned, or one of the records in a message
   * @throws MalformedError
   */
  read<M extends MessageName>(encoded: unknown, message: M, budget: DecodeBudget): Decoded<M>;
}

/** A message as it is being decoded: its fields are filled in by their names. */
export type Target = Record<string, unknown>;

/** What may still be decoded: a few bytes can stand for a large object, so that the size of a body is no limit. */
export class DecodeBudget {
  readonly #maxValues: number;
  readonly #maxRecords: number;
  #values = 0;
  #records = 0;

  constructor(maxValues: number, maxRecords = 0) {
    this.#maxValues = maxValues;
    this.#maxRecords = maxRecords;
  }

  /** How many values were decoded. */
  get values(): number {
    return this.#values;
  }

  /** @throws TooMuchError */
  takeValue(): void {
    if (++this.#values > this.#maxValues) throw new TooMuchError(`there are more than ${this.#maxValues} values in it`);
  }

  /** @throws TooMuchError */
  takeRecord(): void {
    if (++this.#records > this.#maxRecords) {
      throw new TooMuchError(`there are more than ${this.#maxRecords} records in it; send fewer at once`);
    }
  }
}

/**
 * How deep the message in a field is, in a message as deep as this.
 *
 * @throws MalformedError
 */
export function depthOf({ mode }: Field, depth: number): number {
  if (mode !== "deeper") return depth;
  if (depth < MAX_VALUE_DEPTH) return depth + 1;
  throw new MalformedError(`a value nests deeper than ${MAX_VALUE_DEPTH} levels`);
}

/**
 * Puts what was read of a field, or one element of it, into its message.
 *
 * @throws TooMuchError
 */
export function put(target: Target, { name, kind, isList, mode }: Field, read: unknown, budget: DecodeBudget): void {
  const value = kind === "AnyValue" ? anyJson(read as Decoded<"AnyValue">) : read; // as its kind says
  if (!isList) {
    target[name] = mode === "optional" ? value : value || undefined;
    return;
  }
  if (kind === "record") budget.takeRecord();
  else budget.takeValue();
  if (kind === "attributes") {
    target[name] ??= Object.create(null); // a key may be __proto__
    putAttribute(target[name] as JsonObject, value as Decoded<"KeyValue">); // what attributes are, and are made of
  } else {
    target[name] ??= [];
    (target[name] as unknown[]).push(value); // as the line above
  }
}

/** `toJSON` becomes `toJSON_`: the store refuses a name that `JSON.stringify` would call. */
function putAttribute(into: JsonObject, { key = "", value }: Decoded<"KeyValue">): void {
  into[key === "toJSON" ? "toJSON_" : key] = value ?? null;
}

/** The one member that there is; null when it holds nothing. */
function anyJson(any: Decoded<"AnyValue">): JsonValue {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = any;
  const scalar = stringValue ?? boolValue ?? intValue ?? doubleValue ?? bytesValue;
  if (scalar !== undefined) return scalar;
  if (arrayValue !== undefined) return arrayValue.values ?? [];
  return kvlistValue === undefined ? null : (kvlistValue.values ?? {});
}

/**
 * JSON as telepool stores it: the same text must be storable, and mean the same, in SQLite, PostgreSQL and MySQL.
 *
 * Refused, with the path of the culprit: what JSON cannot say (functions, symbols, BigInt, NaN, cycles, instances of
 * classes), NUL and lone surrogates (PostgreSQL's jsonb takes neither), nesting beyond 100 levels
 * (MySQL's limit) and documents over the size limit.
 */
import { TelepoolError } from "../errors.ts";

/** Any value that JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue };

/** How deep arrays and objects may nest. Source: MySQL's limit of 100, the lowest of the three databases. */
export const MAX_JSON_DEPTH = 100;

/** The longest JSON text of one row, in UTF-16 units: 16 MiB, well under every database's packet and value limits. */
export const MAX_JSON_LENGTH: number = 16 * 1024 * 1024;

/** Whether `value` is JSON through and through. `undefined` as an object's value counts as absent. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return value - value === 0; // neither NaN nor infinite
    case "object":
      return value === null || (depth < MAX_JSON_DEPTH && isJsonContainer(value, depth + 1));
    default:
      return false;
  }
}

function isJsonContainer(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isJson(value[i], depth)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  if ("toJSON" in value) return false;
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key]; // an object is readable by its own keys
    if (member !== undefined && !isJson(member, depth)) return false;
  }
  return true;
}

/** What is wrong with a value, and where. */
interface Flaw {
  readonly path: string;
  readonly rule: string;
}

function memberPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function textFlaw(text: string, path: string): Flaw | undefined {
  if (text.includes("\0")) return { path, rule: "holds a NUL character, which PostgreSQL cannot store" };
  if (!text.isWellFormed()) return { path, rule: "holds half of a surrogate pair, which is not Unicode text" };
  return undefined;
}

/** The first flaw of a value, found slowly and exactly; only called when there is one. */
function findFlaw(value: unknown, path: string, ancestors: readonly object[]): Flaw | undefined {
  switch (typeof value) {
    case "string":
      return textFlaw(value, path);
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, rule: `is ${value}, which JSON cannot say` };
    case "object":
      return value === null ? undefined : findContainerFlaw(value, path, ancestors);
    default:
      return { path, rule: `is a ${typeof value}, which JSON cannot say` };
  }
}

function findContainerFlaw(value: object, path: string, ancestors: readonly object[]): Flaw | undefined {
  if (ancestors.includes(value)) return { path, rule: "refers back to an object that contains it" };
  if (ancestors.length >= MAX_JSON_DEPTH) return { path, rule: `nests deeper than ${MAX_JSON_DEPTH} levels` };
  const inner = [...ancestors, value];
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const flaw = findFlaw(value[i], `${path}[${i}]`, inner);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return { path, rule: `is a ${value.constructor?.name ?? "class"} instance; pass a plain object` };
  }
  if ("toJSON" in value) return { path: memberPath(path, "toJSON"), rule: "is a name that JSON.stringify would call" };
  for (const [key, member] of Object.entries(value)) {
    const where = memberPath(path, key);
    const flaw = textFlaw(key, path) ?? (member === undefined ? undefined : findFlaw(member, where, inner));
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function reject(value: unknown, field: string): never {
  const flaw = findFlaw(value, field, []) ?? { path: field, rule: "is not JSON" };
  throw new TelepoolError("INVALID_PROFILE", `${flaw.path} ${flaw.rule}`, { field: flaw.path });
}

/**
 * The JSON text of an object, if every database can store it.
 *
 * @param field the name that messages start with, such as `profile`
 * @throws TelepoolError `INVALID_PROFILE`, with the path of the first flaw as `field`
 */
export function encodeJsonObject(value: unknown, field: string): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const given = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
    throw new TelepoolError("INVALID_PROFILE", `${field} must be a JSON object (got ${given})`, { field });
  }
  if (!isJson(value, 0)) reject(value, field);
  const text = JSON.stringify(value);
  // JSON.stringify writes \u only for control characters and lone surrogates, so this one native search finds all suspects.
  if (text.includes("\\u") && findFlaw(value, field, []) !== undefined) reject(value, field);
  if (text.length > MAX_JSON_LENGTH) {
    throw new TelepoolError(
      "INVALID_PROFILE",
      `${field} is ${text.length} characters long; at most ${MAX_JSON_LENGTH} are stored`,
      {
        field,
      },
    );
  }
  return text;
}

/** Whether a value that came out of `JSON.parse` is an object. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The object in a JSON text that `encodeJsonObject` made.
 *
 * @throws TelepoolError `DATABASE_CORRUPT` when something else has changed the text; without a cause, for the parser's
 *   own message repeats a part of it
 */
export function decodeJsonObject(text: string): JsonObject {
  const value = parseJson(text);
  if (value !== undefined && isJsonObject(value)) return value;
  throw new TelepoolError(
    "DATABASE_CORRUPT",
    "a stored profile or event is not a JSON object: something other than telepool has written it, or it is damaged",
  );
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue; // what JSON.parse makes
  } catch {
    return undefined;
  }
}

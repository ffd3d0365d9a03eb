/**
 * Options are parsed once, at the door, and frozen: a wrong value or an unknown key is an `INVALID_OPTION` that names
 * the option's path, its value and the rule. Nothing is clamped or replaced in silence.
 */
import { closest } from "fastest-levenshtein";
import * as v from "valibot";
import { TelepoolError } from "./errors.ts";

/** An option of type `T` that has a default. */
export type Defaulted<T> = v.OptionalSchema<v.GenericSchema<T>, T>;

type AnyObjectSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** Names whose value is never repeated in a message. */
const SECRET = /password|secret|token|key|credential|connectionstring|url|accountid/i;

/**
 * Parses `input` by a valibot `strictObject` schema and freezes the result.
 *
 * @param where the path that messages start with, such as `pool`
 * @throws TelepoolError `INVALID_OPTION`
 */
export function parseOptions<S extends AnyObjectSchema>(
  schema: S,
  input: unknown,
  where: string,
): Readonly<v.InferOutput<S>> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return Object.freeze(result.output);
  const issue = result.issues[0];
  const dotted = v.getDotPath(issue);
  const field = dotted === null ? where : `${where}.${dotted}`;
  if (issue.type === "strict_object" && issue.expected === "never") {
    throw unknownOption(field, namesBeside(schema, issue));
  }
  if (issue.type === "strict_object" && issue.received === "undefined" && dotted !== null) {
    throw new TelepoolError("INVALID_OPTION", `${field} is missing`, { field });
  }
  const given = SECRET.test(field) ? "" : ` (got ${issue.received})`;
  throw new TelepoolError("INVALID_OPTION", `${field}: ${issue.message}${given}`, { field });
}

/** The error for an option that does not exist, with the nearest that does. */
export function unknownOption(field: string, known: readonly string[]): TelepoolError {
  const name = field.slice(field.lastIndexOf(".") + 1);
  return new TelepoolError("INVALID_OPTION", `${field} is not an option; did you mean ${closest(name, known)}?`, {
    field,
  });
}

/** The options that are known where an unknown one was found. */
function namesBeside(schema: AnyObjectSchema, issue: v.BaseIssue<unknown>): string[] {
  let at: unknown = schema;
  for (const { key } of issue.path?.slice(0, -1) ?? [])
    at = typeof key === "number" ? itemOf(at) : entriesOf(at)[String(key)];
  return Object.keys(entriesOf(at));
}

/** The entries of an object's schema, which may be wrapped as optional. */
function entriesOf(schema: unknown): Readonly<Record<string, unknown>> {
  const { entries, wrapped } = (schema ?? {}) as { entries?: Record<string, unknown>; wrapped?: unknown }; // only looked at
  return entries ?? (wrapped === undefined ? {} : entriesOf(wrapped));
}

/** The schema of a list's items. */
function itemOf(schema: unknown): unknown {
  return (schema as { item?: unknown } | undefined)?.item; // only looked at
}

/** A whole number from `least` to `most`; the message names the unit. */
export function wholeNumber(least: number, most: number, unit = ""): v.GenericSchema<number> {
  const rule = `must be a whole number from ${least} to ${most}${unit === "" ? "" : ` ${unit}`}`;
  return v.pipe(v.number(rule), v.integer(rule), v.minValue(least, rule), v.maxValue(most, rule));
}

/** A duration in whole milliseconds; timers hold no more than 2^31 - 1 of them (24.8 days). */
export const durationMs: v.GenericSchema<number> = wholeNumber(0, 2 ** 31 - 1, "milliseconds");

/** A duration in whole milliseconds, or `Infinity` for none. */
export const durationMsOrNever: v.GenericSchema<number> = v.union(
  [v.literal(Number.POSITIVE_INFINITY), durationMs],
  "must be a whole number from 0 to 2147483647 milliseconds, or Infinity",
);

/** The query parameters that several routes share. */
import { type EventFilter, MAX_NAME_LENGTH, MAX_PAGE_LIMIT, type TimeRange } from "@telepool/core";
import * as v from "valibot";

/** A member, session, document or type: core's rules for names hold, and its words are what a client reads. */
export const name: v.GenericSchema<string> = v.pipe(
  v.string("must be a text"),
  v.nonEmpty("must not be empty"),
  v.check(isShort, `must have at most ${MAX_NAME_LENGTH} characters`), // valibot would count UTF-16 units
  v.metadata({ maxLength: MAX_NAME_LENGTH }), // for the document
);

function isShort(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH || (text.length <= 2 * MAX_NAME_LENGTH && [...text].length <= MAX_NAME_LENGTH);
}

/** A whole number in a range. */
export function whole(least: number, most: number): v.GenericSchema<string, number> {
  const rule = `must be a whole number from ${least} to ${most}`;
  return v.pipe(
    v.string(rule),
    v.regex(/^\d{1,16}$/, rule),
    v.transform(Number),
    v.number(rule), // from here on the document tells what it is
    v.integer(rule),
    v.minValue(least, rule),
    v.maxValue(most, rule),
  );
}

const TIME_RULE = "must be milliseconds since 1970, or a date such as 2026-11-24 or 2026-11-24T18:30:00Z";
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A moment: milliseconds since 1970, or a date with or without a time, in UTC unless it has an offset. */
export const time: v.GenericSchema<string, number> = v.pipe(
  v.string(TIME_RULE),
  v.transform((text) => (DATE.test(text) ? Date.parse(text) : /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN)),
  v.number(TIME_RULE),
  v.safeInteger(TIME_RULE),
  v.minValue(0, TIME_RULE),
  v.metadata({ type: ["integer", "string"], pattern: DATE.source }), // the bounds are of the one, the pattern of the other
);

/** One of some words. */
export function oneOf<const Words extends readonly string[]>(words: Words): v.GenericSchema<string, Words[number]> {
  return v.picklist(words, `must be one of ${words.join(", ")}`) as unknown as v.GenericSchema<string, Words[number]>; // its input is a word, not any text
}

/** A parameter that may be left out. */
export type Optional<T> = v.ExactOptionalSchema<v.GenericSchema<string, T>, undefined>;

/** A parameter that may be left out. */
export function optional<T>(schema: v.GenericSchema<string, T>): Optional<T> {
  return v.exactOptional(schema);
}

/** Which page of a list. */
export const pageEntries: { readonly limit: Optional<number>; readonly cursor: Optional<string> } = {
  limit: optional(whole(1, MAX_PAGE_LIMIT)),
  cursor: optional(v.pipe(v.string("must be a text"), v.maxLength(2000, "is not a cursor of this store"))),
};

interface RangeEntries {
  readonly from: Optional<number>;
  readonly to: Optional<number>;
}

/** A span of time: `from` belongs to it, `to` does not. */
const rangeEntries: RangeEntries = { from: optional(time), to: optional(time) };

interface ProfileEntries extends RangeEntries {
  readonly member: Optional<string>;
  readonly session: Optional<string>;
  readonly document: Optional<string>;
}

/** Which profiles. */
export const profileEntries: ProfileEntries = {
  member: optional(name),
  session: optional(name),
  document: optional(name),
  ...rangeEntries,
};

interface EventEntries extends RangeEntries {
  readonly event_type: Optional<string>;
  readonly session: Optional<string>;
}

/** Which events. */
export const eventEntries: EventEntries = { event_type: optional(name), session: optional(name), ...rangeEntries };

/** The store's filter for events; over HTTP the type has the name of its column. */
export function eventFilter({
  event_type,
  ...rest
}: TimeRange & { event_type?: string; session?: string }): EventFilter {
  return event_type === undefined ? rest : { ...rest, type: event_type };
}

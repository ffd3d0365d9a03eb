/** Objects that callers pass are refused when they hold a key that means nothing: it is most often a misspelt one. */
import { closest } from "fastest-levenshtein";
import { TelepoolError } from "../errors.ts";

/**
 * Checks that `input` is an object with no other keys than `known`.
 *
 * @param where the path that messages start with, such as `filter`
 * @throws TelepoolError `INVALID_ARGUMENT` with the key's path and the nearest known key
 */
export function checkKeys(input: unknown, known: ReadonlySet<string>, where: string): void {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new TelepoolError("INVALID_ARGUMENT", `${where} must be an object`, { field: where });
  }
  for (const key in input) {
    if (known.has(key)) continue;
    const field = `${where}.${key}`;
    throw new TelepoolError("INVALID_ARGUMENT", `${field} is not known; did you mean ${closest(key, [...known])}?`, {
      field,
    });
  }
}

/**
 * Pages by keyset: a cursor is the sort key of the last row that was seen, so pages stay right while rows arrive, and
 * the thousandth page costs what the first does. (Rows of one and the same millisecond are sorted by id for each page.)
 */
import { TelepoolError } from "../errors.ts";
import { checkKeys } from "./known-keys.ts";

/** Which page is wanted. */
export interface PageRequest {
  /** The most items, from 1 to 1000; 50 by default. */
  readonly limit?: number;
  /** Where the page before ended: its `nextCursor`. */
  readonly cursor?: string | null;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: T[];
  /** Give this as `cursor` to get the next page; null when there is none. */
  readonly nextCursor: string | null;
}

/** The sort key of a row: its time, then its id. */
export interface PageKey {
  readonly timestamp: number;
  readonly id: string;
}

/** A checked page request. */
export interface ParsedPage {
  readonly limit: number;
  readonly after: PageKey | undefined;
}

/** The most items on a page. */
export const MAX_PAGE_LIMIT = 1000;
const DEFAULT_PAGE_LIMIT = 50;
const PAGE_KEYS: ReadonlySet<string> = new Set(["limit", "cursor"]);

/** Checks a page request. */
export function parsePage(page: PageRequest | undefined): ParsedPage {
  if (page !== undefined) checkKeys(page, PAGE_KEYS, "page");
  const limit = page?.limit ?? DEFAULT_PAGE_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_LIMIT) {
    throw new TelepoolError("INVALID_ARGUMENT", `page.limit must be a whole number from 1 to ${MAX_PAGE_LIMIT}`, {
      field: "page.limit",
    });
  }
  const cursor = page?.cursor;
  return { limit, after: cursor === undefined || cursor === null ? undefined : decodeCursor(cursor) };
}

/** Makes a page of up to `limit` items out of `limit + 1` rows, of which the last only says that there are more. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => PageKey,
  toItem: (row: Row) => T,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(toItem),
    nextCursor: rows.length > limit && last !== undefined ? cursorAfter(keyOf(last)) : null,
  };
}

/** The cursor of the page that begins after the row with this key, for those that end a page early. */
export function cursorAfter(key: PageKey): string {
  const bytes = new TextEncoder().encode(JSON.stringify([key.timestamp, key.id]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function decodeCursor(cursor: string): PageKey {
  try {
    const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const [timestamp, id]: unknown[] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof timestamp === "number" && Number.isSafeInteger(timestamp) && typeof id === "string")
      return { timestamp, id };
  } catch {
    // not base64, not UTF-8 or not JSON: the same answer as for a wrong shape
  }
  throw new TelepoolError("INVALID_ARGUMENT", "page.cursor is not a cursor of this store; start again without one", {
    field: "page.cursor",
  });
}

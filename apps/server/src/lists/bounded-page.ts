/**
 * A page of a list as an answer, bounded by its number of items and by its length: where the items are large, the page
 * ends early, with the cursor that goes on from there.
 */
import { cursorAfter, type Page, type PageKey, type PageRequest } from "@telepool/core";
import type { Context } from "hono";

/** The length at which a page ends, in UTF-16 units; a single item may go beyond. */
const MAX_PAGE_LENGTH = 8 * 1024 * 1024;
const DEFAULT_LIMIT = 50;
const FIRST_ITEMS = 20;

/** Items as JSON, and how to go on. */
export interface BoundedPage {
  readonly items: readonly string[];
  readonly nextCursor: string | null;
}

/** How a list is read and written. */
export interface Listing<T> {
  readonly read: (page: PageRequest) => Promise<Page<T>>;
  readonly keyOf: (item: T) => PageKey;
  readonly toJson: (item: T) => unknown;
  readonly maxLength?: number;
  /** Items that are asked for before it is known how large they are; 20 by default. */
  readonly firstItems?: number;
}

/** Which page, as query parameters have it. */
export interface PageParameters {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Reads a page in as many steps as its items need. */
export async function boundedPage<T>(
  { limit = DEFAULT_LIMIT, cursor }: PageParameters,
  listing: Listing<T>,
): Promise<BoundedPage> {
  const { read, keyOf, toJson, maxLength = MAX_PAGE_LENGTH, firstItems = FIRST_ITEMS } = listing;
  const items: string[] = [];
  let length = 0;
  let next = cursor ?? null;
  for (let step = Math.min(limit, firstItems); ; step = nextStep(limit, items.length, length, maxLength)) {
    const page = await read({ limit: step, cursor: next });
    for (const [position, item] of page.items.entries()) {
      const json = JSON.stringify(toJson(item));
      items.push(json);
      length += json.length;
      const isLast = position === page.items.length - 1 && page.nextCursor === null;
      if (length >= maxLength) return { items, nextCursor: isLast ? null : cursorAfter(keyOf(item)) };
    }
    next = page.nextCursor;
    if (next === null || items.length >= limit) return { items, nextCursor: next };
  }
}

/** As many items as are wanted and, by what the ones before were, fit. */
function nextStep(limit: number, count: number, length: number, maxLength: number): number {
  const fitting = Math.ceil((maxLength - length) / Math.max(1, length / count));
  return Math.max(1, Math.min(limit - count, fitting));
}

/** The answer to a list: `{"items": […], "next_cursor": …}`. */
export function pageResponse(c: Context, { items, nextCursor }: BoundedPage): Response {
  const body = `{"items":[${items.join(",")}],"next_cursor":${JSON.stringify(nextCursor)}}`;
  return c.body(body, 200, { "content-type": "application/json" });
}

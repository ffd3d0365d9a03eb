/** All rows of a kind that meet a filter, a page in memory at a time. */
import type { EventFilter, Page, PageRequest, ProfileFilter, ReadOptions } from "@telepool/core";
import type { AppStore } from "../app-deps.ts";
import { type EventJson, eventJson, type SessionJson, sessionJson } from "./row-json.ts";

const FIRST_ROWS = 20;
const MOST_ROWS = 500;
/** About how long the rows of a page are together, in UTF-16 units. */
const PAGE_LENGTH = 4 * 1024 * 1024;

/** A kind of row as an export has it: its columns in their order, and its rows. */
export interface ExportKind<Filter, Row extends object> {
  readonly columns: readonly (keyof Row & string)[];
  rows(store: AppStore, filter: Filter, options: ReadOptions): AsyncIterable<Row>;
}

interface ProfileJson {
  readonly id: string;
  readonly session: string;
  readonly member: string;
  readonly document: string;
  readonly timestamp: number;
  readonly profile: object;
}

export const profileExport: ExportKind<ProfileFilter, ProfileJson> = {
  columns: ["id", "session", "member", "document", "timestamp", "profile"],
  rows: (store, filter, options) => pages((page) => store.queryProfiles(filter, page, options)),
};

export const eventExport: ExportKind<EventFilter, EventJson> = {
  columns: ["id", "event_type", "session", "timestamp", "data"],
  rows: (store, filter, options) =>
    mapped(
      pages((page) => store.queryEvents(filter, page, options)),
      eventJson,
    ),
};

export const sessionExport: ExportKind<{ readonly member?: string }, SessionJson> = {
  columns: ["id", "member", "created_at", "last_activity", "profile_count"],
  rows: (store, { member = "*" }, options) =>
    mapped(
      pages((page) => store.querySessions(member, page, options)),
      sessionJson,
    ),
};

/** Pages of as many rows as, by what those of the page before were like, are together not too long. */
async function* pages<T>(read: (page: PageRequest) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | null = null;
  let limit = FIRST_ROWS;
  do {
    const page: Page<T> = await read({ limit, cursor });
    yield* page.items;
    cursor = page.nextCursor;
    const fitting = Math.floor(PAGE_LENGTH / Math.max(1, lengthOf(page.items.at(0)), lengthOf(page.items.at(-1))));
    limit = Math.max(1, Math.min(fitting, 4 * limit, MOST_ROWS));
  } while (cursor !== null);
}

function lengthOf(row: unknown): number {
  return JSON.stringify(row)?.length ?? 0;
}

async function* mapped<T, U>(items: AsyncIterable<T>, map: (item: T) => U): AsyncGenerator<U, void, undefined> {
  for await (const item of items) yield map(item);
}

/** What cases expect, in the words of the domain; built on node:assert, so that any test runner can run them. */
import assert from "node:assert/strict";
import type { MaybePromise } from "../../async.ts";
import type { ProfileRow } from "../../driver/driver.ts";
import { type ErrorCode, isTelepoolError, type TelepoolError } from "../../errors.ts";
import type { EventFilter, ProfileFilter } from "../../store/filters.ts";
import type { Page, PageRequest } from "../../store/page.ts";
import type { Profile, TelemetryEvent } from "../../store/rows.ts";
import type { TelemetryPool } from "../../telemetry-pool.ts";

/** What `work` throws, at once or later. */
export async function failureOf(work: () => MaybePromise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return assert.fail("it was expected to fail");
}

/** Expects `work` to fail with a `TelepoolError` of this code, and gives the error. */
export async function rejectsWith(code: ErrorCode, work: () => MaybePromise<unknown>): Promise<TelepoolError> {
  const error = await failureOf(work);
  if (!isTelepoolError(error)) assert.fail(`expected a TelepoolError ${code}, got ${String(error)}`);
  assert.equal(error.code, code, error.message);
  return error;
}

/** Expects stored rows to be `expected`; a database may write the same JSON with other blanks and its keys in another order. */
export function expectSameRows(
  rows: readonly (ProfileRow | undefined)[],
  expected: readonly (ProfileRow | undefined)[],
): void {
  const parsed = (row: ProfileRow | undefined) => row && { ...row, profile: JSON.parse(row.profile) };
  assert.deepEqual(rows.map(parsed), expected.map(parsed));
}

/** All items of a list, page by page. */
export async function allPages<T>(read: (page: PageRequest) => Promise<Page<T>>, limit: number): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read({ limit, cursor });
    assert.ok(page.items.length <= limit, "a page holds at most as many items as were asked for");
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** All profiles that meet a filter, newest first. */
export async function storedProfiles(store: TelemetryPool, filter: ProfileFilter = {}): Promise<Profile[]> {
  return await allPages((page) => store.queryProfiles(filter, page), 1000);
}

/** All events that meet a filter, newest first. */
export async function storedEvents(store: TelemetryPool, filter: EventFilter = {}): Promise<TelemetryEvent[]> {
  return await allPages((page) => store.queryEvents(filter, page), 1000);
}

/** Expects that `profile_count` of every session is the number of its profiles. */
export async function expectTrueCounts(store: TelemetryPool): Promise<void> {
  const counted = new Map<string, number>();
  for (const { session } of await storedProfiles(store)) counted.set(session, (counted.get(session) ?? 0) + 1);
  const sessions = await allPages((page) => store.querySessions("*", page), 1000);
  assert.deepEqual(new Map(sessions.map(({ id, profileCount }) => [id, profileCount])), counted);
}

/** Profiles and events as rows of their tables, in pages. */
import type { AnalyticsTable, Profile, ProfilesTable, TelemetryEvent } from "@telepool/core";

const ROWS_PER_PAGE = 500;

export function profileRow({ id, session, profile, timestamp, member, document }: Profile): ProfilesTable {
  return { id, session, profile: JSON.stringify(profile), timestamp, member, document };
}

export function eventRow({ id, type, data, timestamp, session }: TelemetryEvent): AnalyticsTable {
  return { id, event_type: type, data: JSON.stringify(data), timestamp, session };
}

/** The rows of what is read, some at a time. */
export async function* pagesOf<Read, Row>(
  source: AsyncIterable<Read>,
  toRow: (read: Read) => Row,
): AsyncGenerator<readonly Row[], void, undefined> {
  let page: Row[] = [];
  for await (const read of source) {
    page.push(toRow(read));
    if (page.length < ROWS_PER_PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}

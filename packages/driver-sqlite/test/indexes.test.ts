/** The indexes that a store has, and that its own queries use: what SQLite plans for the statements that were really run. */
import { expect, test } from "bun:test";
import { type PageRequest, type SqlStatement, TelemetryPool } from "@telepool/core";
import { overrideConnection, wrapConnections } from "@telepool/core/testing";
import { sqliteDriver } from "../src/sqlite-driver.ts";
import { inspect } from "./database-checks.ts";
import { TempFolder } from "./temp-folder.ts";

type Query = (store: TelemetryPool, page: PageRequest) => Promise<{ readonly nextCursor: string | null }>;

const QUERIES: [what: string, index: string, query: Query][] = [
  ["a member's profiles", "idx_profiles_member", (store, page) => store.queryProfiles({ member: "m" }, page)],
  ["a session's profiles", "idx_profiles_session", (store, page) => store.queryProfiles({ session: "s" }, page)],
  ["a document's profiles", "idx_profiles_document", (store, page) => store.queryProfiles({ document: "d" }, page)],
  [
    "a member's profiles in a span of time",
    "idx_profiles_member",
    (store, page) => store.queryProfiles({ member: "m", from: 1, to: 99 }, page),
  ],
  ["all profiles", "idx_profiles_timestamp", (store, page) => store.queryProfiles({}, page)],
  ["a member's sessions", "idx_sessions_member", (store, page) => store.querySessions("m", page)],
  ["all sessions", "idx_sessions_created_at", (store, page) => store.querySessions("*", page)],
  ["events of a type", "idx_analytics_type", (store, page) => store.queryEvents({ type: "click" }, page)],
  ["events of a session", "idx_analytics_session", (store, page) => store.queryEvents({ session: "s" }, page)],
  ["all events", "idx_analytics_timestamp", (store, page) => store.queryEvents({}, page)],
];

/** A store with a few rows, and the statements that it has run. */
async function openStore(path: string) {
  const statements: SqlStatement[] = [];
  const driver = wrapConnections(sqliteDriver({ path, synchronous: "off" }), (connection) =>
    overrideConnection(connection, {
      execute: ({ sql, parameters }) => {
        statements.push({ sql, parameters });
        return connection.execute({ sql, parameters });
      },
    }),
  );
  const store = new TelemetryPool({ driver });
  for (let timestamp = 1; timestamp <= 30; timestamp++) {
    for (const session of ["s", `s${timestamp}`]) {
      await store.insertProfile(session, {}, "m", "d", { timestamp });
      await store.recordEvent("click", {}, session, { timestamp });
    }
  }
  return { store, statements };
}

/** The steps that SQLite takes for a statement. */
function planOf(path: string, { sql, parameters }: SqlStatement): string[] {
  return inspect(path, (database) =>
    database
      .query<{ detail: string }, (string | number)[]>(`explain query plan ${sql}`)
      .all(...(parameters as (string | number)[])) // what the store's queries are narrowed by
      .map(({ detail }) => detail),
  );
}

/** Expects that the first page and the next look at rows of one index, in its order, and at no others. */
async function expectIndexed(index: string, query: Query, limit: number): Promise<void> {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  const { store, statements } = await openStore(path);
  await using _ = store;
  statements.length = 0;
  const { nextCursor } = await query(store, { limit });
  expect(nextCursor).not.toBeNull();
  await query(store, { limit, cursor: nextCursor });
  const plans = statements.filter(({ sql }) => sql.startsWith("select")).map((statement) => planOf(path, statement));
  expect(plans.length).toBe(2);
  for (const [access, ...rest] of plans) {
    expect(access).toMatch(new RegExp(`^(SEARCH|SCAN) \\w+ USING INDEX ${index}( |$)`));
    // equal times are sorted by id when they are met, and nothing else is sorted
    expect(rest).toEqual(["USE TEMP B-TREE FOR LAST TERM OF ORDER BY"]);
  }
}

test.each(QUERIES)("%s come in their order from the index %s, on the first page and the next", (_, index, query) =>
  expectIndexed(index, query, 25),
);

// SQLite sees the limit: without a bound on the time it takes a whole scan of the table for cheaper than a page of 3.
test("a page of one of all profiles comes from the index too", () =>
  expectIndexed("idx_profiles_timestamp", (store, page) => store.queryProfiles({}, page), 1));

test("a page of one of all sessions, or of all events, does as well", async () => {
  await expectIndexed("idx_sessions_created_at", (store, page) => store.querySessions("*", page), 1);
  await expectIndexed("idx_analytics_timestamp", (store, page) => store.queryEvents({}, page), 1);
});

test("a new database has the indexes that docs/architecture.md lists, and no others", async () => {
  using folder = new TempFolder();
  const path = folder.file("telepool.db");
  const { store } = await openStore(path);
  await store.close();
  const indexes = inspect(path, (database) =>
    database
      .query(
        `select s.name, s.tbl_name, group_concat(i.name, ', ' order by i.seqno)
        from sqlite_schema s, pragma_index_info(s.name) i
        where s.type = 'index' and s.sql is not null group by s.name order by s.name`,
      )
      .values(),
  );
  expect(indexes).toEqual([
    ["idx_analytics_session", "analytics", "session, timestamp"],
    ["idx_analytics_timestamp", "analytics", "timestamp"],
    ["idx_analytics_type", "analytics", "event_type, timestamp"],
    ["idx_profiles_document", "profiles", "document, timestamp"],
    ["idx_profiles_member", "profiles", "member, timestamp"],
    ["idx_profiles_session", "profiles", "session, timestamp"],
    ["idx_profiles_timestamp", "profiles", "timestamp"],
    ["idx_sessions_created_at", "sessions", "created_at"],
    ["idx_sessions_member", "sessions", "member, created_at"],
  ]);
});

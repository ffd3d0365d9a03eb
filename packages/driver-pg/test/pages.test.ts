/** A page costs what is on it, wherever it stands: what PostgreSQL reads for the statements that were really run. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Page, type PageRequest, type SqlStatement, TelemetryPool } from "@telepool/core";
import { overrideConnection, wrapConnections } from "@telepool/core/testing";
import { describeOn, postgresServer, type TestDatabase } from "@telepool/test-servers";
import pg from "pg";
import { pgDriver } from "../src/pg-driver.ts";
import { query } from "./query.ts";

const ROWS = 20_000;
const LIMIT = 50;

type List = (store: TelemetryPool, page: PageRequest) => Promise<Page<unknown>>;

const LISTS: readonly [what: string, list: List][] = [
  ["a member's profiles", (store, page) => store.queryProfiles({ member: "m" }, page)],
  ["a session's profiles", (store, page) => store.queryProfiles({ session: "s" }, page)],
  ["a document's profiles", (store, page) => store.queryProfiles({ document: "d" }, page)],
  ["all profiles", (store, page) => store.queryProfiles({}, page)],
  ["a member's sessions", (store, page) => store.querySessions("m", page)],
  ["all sessions", (store, page) => store.querySessions("*", page)],
];

interface Plan {
  readonly "Node Type": string;
  readonly "Actual Rows": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

/** How many rows the scans of a plan have looked at. */
function rowsRead(plan: Plan): number {
  const own = plan["Node Type"].includes("Scan") ? plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0) : 0;
  return own + (plan.Plans ?? []).reduce((sum, below) => sum + rowsRead(below), 0);
}

describeOn("postgresql", { describe, test }, "pages", () => {
  let database: TestDatabase;
  let client: pg.Client;
  let store: TelemetryPool;
  const statements: SqlStatement[] = [];

  beforeAll(async () => {
    database = await (await postgresServer()).createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const driver = wrapConnections(pgDriver({ url: database.url }), (connection) =>
      overrideConnection(connection, {
        execute: (statement) => {
          statements.push(statement);
          return connection.execute(statement);
        },
      }),
    );
    store = new TelemetryPool({ driver });
    const common = { member: "m", document: "d", profile: {} };
    const sessionOf = (n: number) => (n % 2 === 1 ? "s" : `s${n}`);
    await store.insertProfiles(
      Array.from({ length: ROWS }, (_, timestamp) => ({ ...common, timestamp, session: sessionOf(timestamp) })),
    );
    await query(database.url, "analyze");
  });

  afterAll(async () => {
    await store.close();
    await client.end();
    await database.drop();
  });

  test.each(LISTS)(
    "%s: the first page, and one from the middle",
    async (_, list) => {
      let cursor: string | null = null;
      for (let page = 0; page < 8; page++) cursor = (await list(store, { limit: 1000, cursor })).nextCursor;
      expect(cursor).not.toBeNull();
      for (const from of [null, cursor]) {
        statements.length = 0;
        await list(store, { limit: LIMIT, cursor: from });
        const statement = statements.find(({ sql }) => sql.startsWith("select"));
        const { rows } = await client.query(`explain (analyze, format json) ${statement?.sql}`, [
          ...(statement?.parameters ?? []),
        ]);
        expect(rowsRead(rows[0]["QUERY PLAN"][0].Plan)).toBeLessThanOrEqual(
          2 * LIMIT + 5,
        ) /* every other row is the session's */;
      }
    },
    30_000,
  );
});

/** A page costs what is on it, wherever it stands: what the server reads for the statements that were really run. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Page, type PageRequest, type SqlStatement, TelemetryPool } from "@telepool/core";
import { overrideConnection, wrapConnections } from "@telepool/core/testing";
import { describeOn, mysqlServer, type TestDatabase } from "@telepool/test-servers";
import mysql from "mysql2/promise";
import { mysqlDriver } from "../src/mysql-driver.ts";
import { toBinding } from "../src/to-binding.ts";
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

describeOn("mysql", { describe, test }, "pages", () => {
  let database: TestDatabase;
  let connection: mysql.Connection;
  let store: TelemetryPool;
  const statements: SqlStatement[] = [];

  beforeAll(async () => {
    database = await (await mysqlServer()).createDatabase();
    connection = await mysql.createConnection(database.url);
    const driver = wrapConnections(mysqlDriver({ url: database.url }), (wrapped) =>
      overrideConnection(wrapped, {
        execute: (statement) => {
          statements.push(statement);
          return wrapped.execute(statement);
        },
      }),
    );
    store = new TelemetryPool({ driver });
    const common = { member: "m", document: "d", profile: {} };
    const sessionOf = (n: number) => (n % 2 === 1 ? "s" : `s${n}`);
    await store.insertProfiles(
      Array.from({ length: ROWS }, (_, timestamp) => ({ ...common, timestamp, session: sessionOf(timestamp) })),
    );
    await query(database.url, "analyze table profiles, sessions");
  });

  afterAll(async () => {
    await store.close();
    await connection.end();
    await database.drop();
  });

  /** How many rows and index entries this connection has read so far. */
  async function handlerReads(): Promise<number> {
    const [rows] = await connection.query("show session status like 'Handler_read%'");
    return (rows as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
  }

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
        const before = await handlerReads();
        const bindings = statement?.parameters.map(toBinding) as string[]; // its types leave out what it takes besides texts
        await connection.execute(statement?.sql ?? "", bindings);
        const read = (await handlerReads()) - before;
        expect(read).toBeLessThanOrEqual(LIMIT + 60); // reading the counters counts itself
      }
    },
    30_000,
  );
});

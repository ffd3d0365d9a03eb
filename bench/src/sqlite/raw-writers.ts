/**
 * What a program could write itself with bun:sqlite, on the same tables with the same indexes and the same durability
 * (WAL, synchronous=FULL): the ceiling, with a thousand rows in a transaction, and what people write first.
 */
import { Database } from "bun:sqlite";
import { sampleValues } from "../rows.ts";
import { createTables, withScratch } from "./scratch.ts";

const ROWS_PER_TRANSACTION = 1000;
const COLUMNS = "insert into profiles (id, session, profile, timestamp, member, document) values";

const UPSERT_SESSION = `insert into sessions (id, member, created_at, last_activity, profile_count) values (?, ?, ?, ?, 1)
  on conflict (id) do update set last_activity = excluded.last_activity, profile_count = profile_count + 1`;

type Binding = string | number;

function openRaw(path: string): Database {
  const database = new Database(path);
  database.run("pragma journal_mode = wal");
  database.run("pragma synchronous = full");
  return database;
}

/** Rows per second of one thread that writes large transactions, `rowsPerStatement` rows at a time. */
export async function batchedLoop(rows: number, sessions: number, rowsPerStatement: number): Promise<number> {
  return await withScratch(async (path) => {
    await createTables(path);
    const database = openRaw(path);
    const insert = database.prepare(`${COLUMNS} ${Array(rowsPerStatement).fill("(?, ?, ?, ?, ?, ?)").join(", ")}`);
    const startedMs = performance.now();
    for (let start = 0; start < rows; start += ROWS_PER_TRANSACTION) {
      database.run("begin immediate");
      for (let i = start; i < start + ROWS_PER_TRANSACTION; i += rowsPerStatement) {
        if (rowsPerStatement === 1) {
          insert.run(...sampleValues(i, sessions));
          continue;
        }
        const bindings: Binding[] = [];
        for (let j = i; j < i + rowsPerStatement; j++) bindings.push(...sampleValues(j, sessions));
        insert.run(...bindings);
      }
      database.run("commit");
    }
    const perSecond = rows / ((performance.now() - startedMs) / 1000);
    database.close();
    return perSecond;
  });
}

/** Rows per second when every row is committed by itself: the profile alone, or with its session brought up to date. */
export async function autocommit(rows: number, sessions: number, keepsSessions: boolean): Promise<number> {
  return await withScratch(async (path) => {
    await createTables(path);
    const database = openRaw(path);
    const insert = database.prepare(`${COLUMNS} (?, ?, ?, ?, ?, ?)`);
    const upsert = database.prepare(UPSERT_SESSION);
    const startedMs = performance.now();
    for (let i = 0; i < rows; i++) {
      const [id, session, profile, timestamp, member, document] = sampleValues(i, sessions);
      if (keepsSessions) database.run("begin immediate");
      insert.run(id, session, profile, timestamp, member, document);
      if (!keepsSessions) continue;
      upsert.run(session, member, timestamp, timestamp);
      database.run("commit");
    }
    const perSecond = rows / ((performance.now() - startedMs) / 1000);
    database.close();
    return perSecond;
  });
}

/** Rows per second when every row opens the database, makes sure of the table, inserts and closes. */
export async function unpooled(rows: number, sessions: number): Promise<number> {
  return await withScratch(async (path) => {
    await createTables(path);
    const startedMs = performance.now();
    for (let i = 0; i < rows; i++) {
      const database = openRaw(path);
      database.run(
        "create table if not exists profiles (id text primary key, session text, profile json, timestamp integer, member text, document text)",
      );
      database.run(`${COLUMNS} (?, ?, ?, ?, ?, ?)`, sampleValues(i, sessions));
      database.close();
    }
    return rows / ((performance.now() - startedMs) / 1000);
  });
}

/** Point reads per second of a prepared statement, with the profile parsed. */
export function rawGets(path: string, ids: readonly string[], reads: number): number {
  const database = new Database(path, { readonly: true });
  const select = database.prepare(
    "select id, session, profile, timestamp, member, document from profiles where id = ?",
  );
  const startedMs = performance.now();
  let found = 0;
  for (let i = 0; i < reads; i++) {
    const row = select.get(ids[i % ids.length] ?? "") as { profile: string }; // the columns of the statement
    row.profile = JSON.parse(row.profile);
    found++;
  }
  const perSecond = found / ((performance.now() - startedMs) / 1000);
  database.close();
  return perSecond;
}

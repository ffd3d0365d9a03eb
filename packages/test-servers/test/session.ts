/** A connection to either database, for tests that say the same to both. */
import type { DatabaseKind } from "../src/index.ts";

export interface Session extends AsyncDisposable {
  /** The rows, each as the array of its values, which are read as text. */
  query(sql: string): Promise<string[][]>;
}

const OPENERS: Record<DatabaseKind, (url: string, tls: boolean) => Promise<Session>> = { postgresql, mysql };

/** @param how.tls whether to encrypt, whoever the server says that it is */
export function openSession(kind: DatabaseKind, url: string, how: { readonly tls?: boolean } = {}): Promise<Session> {
  return OPENERS[kind](url, how.tls ?? false);
}

async function postgresql(url: string, tls: boolean): Promise<Session> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, ssl: tls && { rejectUnauthorized: false } });
  client.on("error", () => {}); // the query under way rejects too
  await client.connect().catch(async (error) => {
    await client.end(); // otherwise its socket stays open
    throw error;
  });
  return {
    query: async (text) => (await client.query({ text, rowMode: "array" })).rows.map(toText),
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function mysql(url: string, tls: boolean): Promise<Session> {
  const { createConnection } = await import("mysql2/promise");
  const connection = await createConnection({ uri: url, ...(tls && { ssl: { rejectUnauthorized: false } }) });
  connection.on("error", () => {}); // the query under way rejects too
  return {
    query: async (sql) => {
      const [rows] = await connection.query({ sql, rowsAsArray: true });
      return Array.isArray(rows) ? rows.map(toText) : [];
    },
    [Symbol.asyncDispose]: async () => connection.destroy(),
  };
}

function toText(row: unknown): string[] {
  return (row as unknown[]).map(String); // both drivers were asked for arrays
}

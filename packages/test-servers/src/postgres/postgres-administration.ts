/** What tests need of a PostgreSQL server's administrator. */
import type { QueryResult } from "pg";
import type { Administration } from "../test-server.ts";

export const postgresAdministration: Administration = {
  async version(url) {
    const { rows } = await query(url, "show server_version");
    return rows[0].server_version;
  },
  async createDatabase(url, name) {
    await query(url, `create database "${name}"`);
  },
  async dropDatabase(url, name) {
    await query(url, `drop database if exists "${name}" with (force)`); // since PostgreSQL 13
  },
};

async function query(url: string, sql: string): Promise<QueryResult> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => {}); // a lost connection also rejects the query
  try {
    await client.connect();
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

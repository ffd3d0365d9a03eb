/** What tests need of a PostgreSQL server's administrator. */
import type { Client } from "pg";
import type { Administration } from "../test-server.ts";

/** The first version that can be told how to make a database. */
const STRATEGIES_SINCE = 150_000;

export const postgresAdministration: Administration = {
  version: (url) =>
    withClient(url, async (client) => {
      const { rows } = await client.query<{ server_version: string }>("show server_version");
      return rows[0]?.server_version ?? "";
    }),
  createDatabase: (url, name) =>
    withClient(url, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>("show server_version_num");
      // The other way writes every page into the log, which takes three times as long; this one has the server write a checkpoint.
      const strategy = Number(rows[0]?.server_version_num) >= STRATEGIES_SINCE ? " strategy file_copy" : "";
      await client.query(`create database "${name}"${strategy}`);
    }),
  dropDatabase: (url, name) =>
    withClient(url, async (client) => {
      await client.query(`drop database if exists "${name}" with (force)`); // since PostgreSQL 13
    }),
};

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => {}); // a lost connection also rejects the query
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.end().catch(() => {}); // nobody needs to wait until the server has ended its process
  }
}

/** PostgreSQL as a server to measure on. */
import { postgresUnavailable, startPostgres } from "@telepool/test-servers";
import pg from "pg";
import type { Administrator, Engine } from "../database-server/engine.ts";

/** The server's own defaults for what its throwaway instances have otherwise. */
const DEFAULTS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  wal_level: "replica",
  max_wal_senders: 10,
  shared_buffers: "128MB",
};

/** What must be on for every commit to be on the disk. */
const DURABLE = ["fsync", "full_page_writes", "synchronous_commit"];

export const PG_ENGINE: Engine = {
  kind: "postgresql",
  unavailable: () => postgresUnavailable("throwaway server"),
  start: () => startPostgres({ settings: DEFAULTS }),
  connect,
  weakness: async (administrator) => {
    for (const setting of DURABLE) {
      const [row] = await administrator.query(`show ${setting}`);
      if (row?.[setting] === "off") return `${setting} is off`;
    }
    return undefined;
  },
  drop: async (administrator, database) => {
    await administrator.query(`drop database ${database} with (force)`);
  },
  emptying: ["truncate profiles, sessions", "checkpoint"],
  counting: "select count(*) as stored from profiles where jsonb_typeof(profile) = 'object'",
};

async function connect(url: string): Promise<Administrator> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    query: async (sql) => (await client.query(sql)).rows,
    close: () => client.end(),
  };
}

/** PostgreSQL's clients, each as somebody writes a row who knows it well: prepared once, parameters beside the SQL. */
import { SQL } from "bun";
import pg from "pg";
import postgres from "postgres";
import { CONNECTIONS, type Entrant, type ReadingWriter, SESSIONS } from "../database-server/entrant.ts";
import { sampleRow, sampleValues } from "../rows.ts";

const COLUMNS = "id, session, profile, timestamp, member, document";
const INSERT = { name: "insert_profile", text: `insert into profiles (${COLUMNS}) values ($1, $2, $3, $4, $5, $6)` };
const SELECT = { name: "select_profile", text: `select ${COLUMNS} from profiles where id = $1` };
const UPSERT_SESSION = {
  name: "upsert_session",
  text: `insert into sessions (id, member, created_at, last_activity, profile_count) values ($1, $2, $3, $4, 1)
    on conflict (id) do update set last_activity = greatest(sessions.last_activity, excluded.last_activity),
      profile_count = sessions.profile_count + 1`,
};

export const PG_POOL: Entrant<ReadingWriter> = {
  name: "pg.Pool",
  open: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
    return {
      insert: (i) => pool.query({ ...INSERT, values: sampleValues(i, SESSIONS) }),
      get: async (id) => (await pool.query({ ...SELECT, values: [id] })).rows[0],
      close: () => pool.end(),
    };
  },
};

/** A profile and its session, in a transaction by hand: the same work that telepool does. */
export const PG_POOL_WITH_SESSION: Entrant = {
  name: "pg.Pool, profile and session",
  open: async (url) => {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
    return {
      insert: async (i) => {
        const values = sampleValues(i, SESSIONS);
        const [, session, , timestamp, member] = values;
        const client = await pool.connect();
        try {
          await client.query("begin");
          await client.query({ ...INSERT, values });
          await client.query({ ...UPSERT_SESSION, values: [session, member, timestamp, timestamp] });
          await client.query("commit");
        } finally {
          client.release();
        }
      },
      close: () => pool.end(),
    };
  },
};

/** Clients that send a query without waiting for the answer to the one before; callers are spread over them. */
const PIPELINED: Entrant<ReadingWriter> = {
  name: "pg, pipelined",
  open: async (url) => {
    const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client({ connectionString: url, pipeline: true }));
    await Promise.all(clients.map((client) => client.connect()));
    let turn = 0;
    const query = (config: pg.QueryConfig): Promise<pg.QueryResult> => {
      const client = clients[turn++ % CONNECTIONS];
      if (client === undefined) throw new Error("there is no client");
      return client.query(config);
    };
    return {
      insert: (i) => query({ ...INSERT, values: sampleValues(i, SESSIONS) }),
      get: async (id) => (await query({ ...SELECT, values: [id] })).rows[0],
      close: () => Promise.all(clients.map((client) => client.end())),
    };
  },
};

const POSTGRES_JS: Entrant<ReadingWriter> = {
  name: "postgres.js",
  open: async (url) => {
    const sql = postgres(url, { max: CONNECTIONS, onnotice: () => {} });
    return {
      insert: (i) => {
        const { session, profile, member, document } = sampleRow(i, SESSIONS);
        const json = sql.json(profile as postgres.JSONValue); // it is made of texts and numbers
        return sql`insert into profiles (id, session, profile, timestamp, member, document)
          values (${Bun.randomUUIDv7()}, ${session}, ${json}, ${Date.now()}, ${member}, ${document})`;
      },
      get: async (id) =>
        (await sql`select id, session, profile, timestamp, member, document from profiles where id = ${id}`)[0],
      close: () => sql.end(),
    };
  },
};

const BUN_SQL: Entrant<ReadingWriter> = {
  name: "Bun.SQL",
  open: async (url) => {
    const sql = new SQL(url, { max: CONNECTIONS });
    return {
      insert: async (i) => {
        const { session, profile, member, document } = sampleRow(i, SESSIONS);
        await sql`insert into profiles (id, session, profile, timestamp, member, document)
          values (${Bun.randomUUIDv7()}, ${session}, ${profile}, ${Date.now()}, ${member}, ${document})`;
      },
      get: async (id) =>
        (await sql`select id, session, profile, timestamp, member, document from profiles where id = ${id}`)[0],
      close: () => sql.close(),
    };
  },
};

export const PG_PEERS: readonly Entrant<ReadingWriter>[] = [PG_POOL, PIPELINED, POSTGRES_JS, BUN_SQL];

/** No pool: a connection for every row. */
export const PG_UNPOOLED: Entrant = {
  name: "connect, insert, end",
  open: async (url) => ({
    insert: async (i) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(INSERT.text, sampleValues(i, SESSIONS));
      await client.end();
    },
    close: async () => {},
  }),
};

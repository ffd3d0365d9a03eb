/** The clients of MySQL and MariaDB, each as somebody writes a row who knows it well: prepared once, parameters beside the SQL. */
import { SQL } from "bun";
import mariadb, { type ConnectionConfig } from "mariadb";
import mysql from "mysql2/promise";
import { CONNECTIONS, type Entrant, type ReadingWriter, SESSIONS } from "../database-server/entrant.ts";
import { sampleValues } from "../rows.ts";

const INSERT = "insert into profiles (id, session, profile, timestamp, member, document) values (?, ?, ?, ?, ?, ?)";
const SELECT = "select id, session, profile, timestamp, member, document from profiles where id = ?";
const UPSERT_SESSION = `insert into sessions (id, member, created_at, last_activity, profile_count) values (?, ?, ?, ?, 1)
  on duplicate key update last_activity = greatest(last_activity, values(last_activity)), profile_count = profile_count + 1`;

interface StoredRow {
  profile: unknown;
}

/** MariaDB gives JSON as its text. */
function parsed(row: StoredRow | undefined): StoredRow | undefined {
  if (typeof row?.profile === "string") row.profile = JSON.parse(row.profile);
  return row;
}

export const MYSQL2: Entrant<ReadingWriter> = {
  name: "mysql2 pool",
  open: async (url) => {
    const pool = mysql.createPool({ uri: url, connectionLimit: CONNECTIONS });
    return {
      insert: (i) => pool.execute(INSERT, sampleValues(i, SESSIONS)),
      get: async (id) => {
        const [rows] = await pool.execute(SELECT, [id]);
        return parsed((rows as unknown as StoredRow[])[0]); // the columns of the statement
      },
      close: () => pool.end(),
    };
  },
};

/** A profile and its session, in a transaction by hand: the same work that telepool does. */
export const MYSQL2_WITH_SESSION: Entrant = {
  name: "mysql2 pool, profile and session",
  open: async (url) => {
    const pool = mysql.createPool({ uri: url, connectionLimit: CONNECTIONS });
    return {
      insert: async (i) => {
        const values = sampleValues(i, SESSIONS);
        const [, session, , timestamp, member] = values;
        const connection = await pool.getConnection();
        try {
          await connection.beginTransaction();
          await connection.execute(INSERT, values);
          await connection.execute(UPSERT_SESSION, [session, member, timestamp, timestamp]);
          await connection.commit();
        } finally {
          connection.release();
        }
      },
      close: () => pool.end(),
    };
  },
};

/** The options that the mariadb connector takes instead of a URL. */
export function connectorOptions(url: string): ConnectionConfig {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    bigIntAsNumber: true,
  };
}

const CONNECTOR: Entrant<ReadingWriter> = {
  name: "mariadb connector",
  open: async (url) => {
    const pool = mariadb.createPool({ ...connectorOptions(url), connectionLimit: CONNECTIONS });
    return {
      insert: (i) => pool.execute(INSERT, sampleValues(i, SESSIONS)),
      get: async (id) => parsed((await pool.execute<StoredRow[]>(SELECT, [id]))[0]),
      close: () => pool.end(),
    };
  },
};

const BUN_SQL: Entrant<ReadingWriter> = {
  name: "Bun.SQL",
  open: async (url) => {
    const sql = new SQL(url, { adapter: "mysql", max: CONNECTIONS });
    return {
      insert: async (i) => {
        const [id, session, profile, timestamp, member, document] = sampleValues(i, SESSIONS);
        await sql`insert into profiles (id, session, profile, timestamp, member, document)
          values (${id}, ${session}, ${profile}, ${timestamp}, ${member}, ${document})`;
      },
      get: async (id) =>
        parsed((await sql`select id, session, profile, timestamp, member, document from profiles where id = ${id}`)[0]),
      close: () => sql.close(),
    };
  },
};

export const MYSQL_PEERS: readonly Entrant<ReadingWriter>[] = [MYSQL2, CONNECTOR, BUN_SQL];

/** No pool: a connection for every row. */
export const MYSQL_UNPOOLED: Entrant = {
  name: "connect, insert, end",
  open: async (url) => ({
    insert: async (i) => {
      const connection = await mysql.createConnection(url);
      await connection.query(INSERT, sampleValues(i, SESSIONS)); // to prepare it would be one more round trip
      await connection.end();
    },
    close: async () => {},
  }),
};

/** What tests need of a MySQL or MariaDB server's administrator. */
import type { Connection } from "mysql2/promise";
import type { Administration } from "../test-server.ts";

/** A transaction that has used a database without choosing it is not found below, and holds a drop up. */
const LOCK_TIMEOUT_S = 5;

export const mysqlAdministration: Administration = {
  version: (url) =>
    withConnection(url, async (connection) => {
      const [rows] = await connection.query("select version() as version");
      return (rows as [{ version: string }])[0].version; // the statement says so
    }),
  createDatabase: (url, name) =>
    withConnection(url, async (connection) => {
      await connection.query(`create database \`${name}\``);
    }),
  dropDatabase: (url, name) =>
    withConnection(url, async (connection) => {
      const [rows] = await connection.query("select id from information_schema.processlist where db = ?", [name]);
      for (const { id } of rows as { id: number }[]) {
        await connection.query("kill ?", [id]).catch(ignoreGone);
      }
      await connection.query(`set session lock_wait_timeout = ${LOCK_TIMEOUT_S}`);
      await connection.query(`drop database if exists \`${name}\``);
    }),
};

/** A connection may have ended by itself before it was killed. */
function ignoreGone(error: { code?: string }): void {
  if (error.code !== "ER_NO_SUCH_THREAD") throw error;
}

async function withConnection<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { createConnection } = await import("mysql2/promise");
  const connection = await createConnection({ uri: url, connectTimeout: 5000 });
  connection.on("error", () => {}); // a lost connection also rejects the query
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}

/** A statement of a test's own, over a connection of its own. */
import mysql from "mysql2/promise";

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await mysql.createConnection(url);
  try {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []; // rows of objects, as nothing else is asked for
  } finally {
    await connection.end();
  }
}

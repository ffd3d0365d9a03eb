/** MySQL or MariaDB as a server to measure on. */
import { mysqlUnavailable, startMysql } from "@telepool/test-servers";
import { createConnection } from "mysql2/promise";
import type { Administrator, Engine } from "../database-server/engine.ts";

/** The server's own defaults for what its throwaway instances have otherwise; an option with `loose-` is passed over by those that do not know it. */
const DEFAULTS = {
  "innodb-flush-log-at-trx-commit": 1,
  "innodb-buffer-pool-size": "128M",
  "innodb-log-file-size": "96M",
  "loose-innodb-log-file-buffering": "OFF",
};

export const MYSQL_ENGINE: Engine = {
  kind: "mysql",
  unavailable: () => mysqlUnavailable("throwaway server"),
  start: () => startMysql({ settings: DEFAULTS }),
  connect,
  weakness: async (administrator) => {
    const [row] = await administrator.query(
      "select @@global.innodb_flush_log_at_trx_commit as flushes, @@global.innodb_doublewrite as doublewrite",
    );
    if (Number(row?.flushes) !== 1) return `innodb_flush_log_at_trx_commit is ${row?.flushes}`;
    return ["0", "OFF", "DETECT_ONLY"].includes(String(row?.doublewrite)) ? "innodb_doublewrite is off" : undefined;
  },
  drop: async (administrator, database) => {
    await administrator.query(`drop database ${database}`);
  },
  emptying: ["truncate table profiles", "truncate table sessions"],
  counting: "select count(*) as stored from profiles where json_type(profile) = 'OBJECT'",
};

async function connect(url: string): Promise<Administrator> {
  const connection = await createConnection(url);
  return {
    query: async (sql) => {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []; // its types know more forms than these statements have
    },
    close: () => connection.end(),
  };
}

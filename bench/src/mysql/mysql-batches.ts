/** The forms of a statement with a thousand rows. Each leaves rows alone that are there already, as a batch must that may be repeated. */
import mariadb from "mariadb";
import mysql from "mysql2/promise";
import { asJson, type RawForm } from "../database-server/raw-batches.ts";
import type { SampleValues } from "../rows.ts";
import { connectorOptions } from "./mysql-peers.ts";

const INSERT = "insert into profiles (id, session, profile, timestamp, member, document)";
const KEEP = "on duplicate key update id = profiles.id";

const INSERT_JSON = `${INSERT} select id, session, profile, timestamp, member, document from json_table(?, '$[*]' columns (
  id varchar(255) path '$.id', session varchar(255) path '$.session', profile longtext path '$.profile',
  timestamp bigint path '$.timestamp', member varchar(255) path '$.member', document varchar(255) path '$.document'
)) as given ${KEEP}`;

const placesFor = (rows: number): string => Array(rows).fill("(?, ?, ?, ?, ?, ?)").join(", ");

/** A form that mysql2 writes. */
function byMysql2(
  name: string,
  write: (connection: mysql.Connection, rows: readonly SampleValues[]) => Promise<unknown>,
): RawForm {
  return {
    name,
    connect: async (url) => {
      const connection = await mysql.createConnection(url);
      return { write: (rows) => write(connection, rows), close: () => connection.end() };
    },
  };
}

const batch: RawForm = {
  name: "mariadb connector's batch",
  connect: async (url) => {
    const connection = await mariadb.createConnection(connectorOptions(url));
    return {
      write: (rows) => connection.batch(`${INSERT} values ${placesFor(1)} ${KEEP}`, [...rows]),
      close: () => connection.end(),
    };
  },
};

export const MYSQL_BATCHES: readonly RawForm[] = [
  byMysql2("mysql2 values ?", (connection, rows) => connection.query(`${INSERT} values ? ${KEEP}`, [rows])),
  byMysql2("mysql2 execute", (connection, rows) =>
    connection.execute(`${INSERT} values ${placesFor(rows.length)} ${KEEP}`, rows.flat()),
  ),
  byMysql2("JSON_TABLE", (connection, rows) => connection.execute(INSERT_JSON, [asJson(rows, "text")])),
  batch,
];

// MySQL's and MariaDB's SQL, as the repository needs it. Where the two differ, the text holds both: a comment that begins
// with /*M! is read by MariaDB only, and one that begins with /*!80000 by MySQL only, as MariaDB passes over the numbers of
// MySQL's versions.
import type { JsonPath, SqlDialect } from "@telepool/core";
import { MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, type RawBuilder, sql } from "kysely";
import { mysqlChangeCapture } from "./change-capture.ts";

/** Compared by code points, without folding case and without padding blanks. */
const NAME = sql`varchar(255) character set utf8mb4 collate /*M! utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */`;

/** MariaDB's `json` is a text with a check that refuses more than 32 levels; so there it is the text alone. */
const JSON_TEXT = sql`/*M! longtext character set utf8mb4 collate utf8mb4_bin */ /*!80000 json */`;

const NUMBER_TYPES = sql`('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')`;

function pathText(path: JsonPath): string {
  return `$${path.map((step) => (typeof step === "number" ? `[${step}]` : `.${JSON.stringify(step)}`)).join("")}`;
}

/** The places where the path wants an array: without the check, `[0]` of anything else would be that itself. */
function arrayChecks(column: RawBuilder<unknown>, path: JsonPath): RawBuilder<unknown>[] {
  return path.flatMap((step, position) => {
    if (typeof step !== "number") return [];
    const before = position === 0 ? column : sql`json_extract(${column}, ${pathText(path.slice(0, position))})`;
    return [sql`json_type(${before}) = 'ARRAY'`];
  });
}

/** The dialect. */
export const mysqlDialect: SqlDialect = {
  createAdapter: () => new MysqlAdapter(),
  createQueryCompiler: () => new MysqlQueryCompiler(),
  createIntrospector: (db) => new MysqlIntrospector(db),
  types: { name: NAME, json: JSON_TEXT, bigint: sql`bigint` },
  jsonNumber: (column, path) => {
    const value = sql`json_extract(${sql.ref(column)}, ${pathText(path)})`;
    const checks = [...arrayChecks(sql.ref(column), path), sql`json_type(${value}) in ${NUMBER_TYPES}`];
    return sql<number | null>`case when ${sql.join(checks, sql` and `)} then cast(${value} as double) end`;
  },
  jsonBytes: (column) => sql<number>`octet_length(${sql.ref(column)})`,
  // Without it a page of a member is read by `member` alone, past all rows before the cursor, if the member has many.
  indexHint: (index) => sql`force index (${sql.ref(index)})`,
  rowLocks: true,
  changeCapture: mysqlChangeCapture(NAME),
};

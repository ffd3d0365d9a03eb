/** A digest of a row that does not depend on the database, for whole tables to be compared by. */
import { createHash } from "node:crypto";
import type { RawRow, TableName } from "./raw-rows.ts";
import { canonicalText, columnsOf } from "./row-differences.ts";

/** The first 128 bits of the sha256 of a row's columns. */
export function rowDigest<T extends TableName>(table: T, row: RawRow<T>): bigint {
  const hash = createHash("sha256");
  const columns = columnsOf(table, row);
  hash.update(JSON.stringify(columns.filter(({ isJson }) => !isJson).map(({ value }) => value)));
  for (const { value, isJson } of columns) if (isJson) hash.update(canonicalText(String(value)));
  const bytes = hash.digest();
  return (bytes.readBigUInt64BE(0) << 64n) | bytes.readBigUInt64BE(8);
}

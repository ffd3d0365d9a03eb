/**
 * A value as it is bound to a prepared statement. mysql2 sends every number as a floating-point one, which no index on
 * integers and no `limit` takes gladly; whole numbers go as 64-bit integers.
 */
import mysql from "mysql2";

export function toBinding(value: unknown): unknown {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) {
    return mysql.TypedParameter.LONGLONG(value);
  }
  return value === undefined ? null : value;
}

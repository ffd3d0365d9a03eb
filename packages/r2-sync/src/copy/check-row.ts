/** Whether a row is one that telepool could have written: SQLite lets other programs put anything into any column. */
import { TelepoolError } from "@telepool/core";
import type { RawRow, TableName } from "@telepool/core/sync";

/**
 * Looks at a row before it is copied, so that nothing gets into a copy that could not come back.
 *
 * @throws TelepoolError `DATABASE_CORRUPT`, which names the row and what to do
 */
export function checkRow<T extends TableName>(table: T, row: RawRow<T>): void {
  for (const column in row) {
    const value: unknown = row[column];
    const isWhole = typeof value === "number" && Number.isSafeInteger(value);
    const isRight = NUMBERS.has(column)
      ? isWhole
      : typeof value === "string" || (value === null && table === "analytics" && column === "session");
    if (!isRight) throw foreignValue(table, row.id, column);
  }
}

const NUMBERS: ReadonlySet<string> = new Set(["timestamp", "created_at", "last_activity", "profile_count"]);

function foreignValue(table: TableName, id: unknown, column: string): TelepoolError {
  const what = NUMBERS.has(column) ? "a whole number" : "a text";
  return new TelepoolError(
    "DATABASE_CORRUPT",
    `the row ${table}/${String(id)} cannot be copied: its ${column} is not ${what}, which another program must have written; mend the row or delete it`,
    { field: column },
  );
}

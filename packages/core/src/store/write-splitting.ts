/** Writing many rows at once where the database may refuse single ones. */
import type { TelepoolError } from "../errors.ts";
import { isRowAtFault } from "./rows-at-fault.ts";

/**
 * Writes rows in one transaction. When the database refuses it because of a row, it is halved until that row stands alone;
 * `onRefused` is told of it, and the others are stored. What is no row's fault is thrown.
 */
export async function writeSplitting<Row>(
  rows: readonly Row[],
  write: (rows: readonly Row[]) => Promise<void>,
  onRefused: (row: Row, error: TelepoolError) => void,
): Promise<void> {
  try {
    await write(rows);
  } catch (error) {
    if (!isRowAtFault(error)) throw error;
    const [first] = rows;
    if (first !== undefined && rows.length === 1) {
      onRefused(first, error);
      return;
    }
    const middle = rows.length >>> 1;
    await writeSplitting(rows.slice(0, middle), write, onRefused);
    await writeSplitting(rows.slice(middle), write, onRefused);
  }
}

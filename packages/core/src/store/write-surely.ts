/**
 * Writing rows by their ids so that a lost connection does not matter: the same rows are written again, which stores those
 * that are missing and changes no other. So a caller learns the truth even when the answer to a commit was lost; only when
 * the database stays away until `retryTimeoutMs` is over it is told `COMMIT_OUTCOME_UNKNOWN`.
 *
 * Writes are atomic. If the last attempt stored any row, no attempt before it was committed, and its report is right. If
 * it found all of them, an attempt before it may have stored them: rows that are there just as we have them are our own.
 */
import type { MaybePromise } from "../async.ts";
import type { Connections } from "../driver/connections.ts";
import type { DriverConnection, WriteReport } from "../driver/driver.ts";

/** Ids in one query. */
const QUERY_IDS = 500;

type Row = { readonly id: string };

/**
 * Writes rows, again after a lost connection.
 *
 * @param storedRows reads the rows with these ids where they were written
 */
export async function writeSurely<R extends Row>(
  connections: Connections,
  storedRows: (ids: readonly string[]) => Promise<readonly R[]>,
  rows: readonly R[],
  write: (connection: DriverConnection) => MaybePromise<WriteReport>,
): Promise<WriteReport> {
  let uncertain = false;
  const onLost = (outcomeUnknown: boolean): void => {
    uncertain ||= outcomeUnknown;
  };
  const report = await connections.run("write", write, { repeatable: true, onLost });
  if (!uncertain || report.duplicates.length < rows.length) return report;
  return { duplicates: await strangersAmong(rows, storedRows) };
}

/** The positions of rows that are not stored as they are here, or stand behind another one with their id. */
async function strangersAmong<R extends Row>(
  rows: readonly R[],
  storedRows: (ids: readonly string[]) => Promise<readonly R[]>,
): Promise<number[]> {
  const ids = [...new Set(rows.map(({ id }) => id))];
  const stored = new Map<string, R>();
  for (let start = 0; start < ids.length; start += QUERY_IDS) {
    for (const row of await storedRows(ids.slice(start, start + QUERY_IDS))) stored.set(row.id, row);
  }
  return rows.flatMap((row, position) => {
    const found = stored.get(row.id);
    stored.delete(row.id);
    return found !== undefined && isSame(row, found) ? [] : [position];
  });
}

/** JSON is left out: a database may write the same document otherwise, with its keys in another order. */
function isSame<R extends Row>(one: R, other: R): boolean {
  return (Object.keys(one) as (keyof R)[]).every(
    (key) => key === "profile" || key === "data" || one[key] === other[key],
  );
}

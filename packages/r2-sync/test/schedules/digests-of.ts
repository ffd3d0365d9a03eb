/** All rows of a store, as digests by table and id: what a restore is compared by, row for row. */
import { rowDigest, type SyncSource } from "@telepool/core/sync";

export async function digestsOf({ tables }: SyncSource): Promise<Map<string, bigint>> {
  const digests = new Map<string, bigint>();
  for (const table of ["profiles", "analytics", "sessions"] as const) {
    for await (const { rows } of tables.rows(table)) {
      for (const row of rows) digests.set(`${table}/${row.id}`, rowDigest(table, row));
    }
  }
  return digests;
}

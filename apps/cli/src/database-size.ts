/** How much is in a database, without looking at the profiles: the sessions know how many they have. */
import { stat } from "node:fs/promises";
import type { TelemetryPool } from "@telepool/core";

/** What is in a database. */
export interface DatabaseSize {
  readonly exists: boolean;
  readonly profiles: number;
  readonly sessions: number;
  /** What its file and its write-ahead log take on the disk; null where the database is not a file. */
  readonly bytes: number | null;
}

/** Measures a database; `file` is the one that it is in, if any. */
export async function measureDatabase(
  store: TelemetryPool,
  file: string | undefined,
  signal: AbortSignal,
): Promise<DatabaseSize> {
  const db = await store.kysely();
  const { sessions, profiles } = await db
    .selectFrom("sessions")
    .select(({ fn }) => [fn.countAll<number>().as("sessions"), fn.sum<number | null>("profile_count").as("profiles")])
    .executeTakeFirstOrThrow({ signal });
  const bytes = file === undefined ? null : (await fileBytes(file)) + (await fileBytes(`${file}-wal`));
  return { exists: true, profiles: Number(profiles ?? 0), sessions: Number(sessions), bytes };
}

async function fileBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0; // a database that is closed in order has no log
  }
}

/** What the environment says of where to measure; read here alone. */
import { tmpdir } from "node:os";
import type { DatabaseKind } from "@telepool/test-servers";

/** The variables that name a server to measure on, by the URL of a database from which others can be created. */
export const URL_VARIABLES: Readonly<Record<DatabaseKind, string>> = {
  postgresql: "TELEPOOL_BENCH_PG_URL",
  mysql: "TELEPOOL_BENCH_MYSQL_URL",
};

/** The server to measure on, where one is named. */
export function givenServerUrl(kind: DatabaseKind): string | undefined {
  return process.env[URL_VARIABLES[kind]] || undefined;
}

/** The folder for databases. That for temporary files may be in memory, where nothing is durable: then the variable names another one. */
export function benchFolder(): string {
  return process.env.TELEPOOL_BENCH_DIR ?? tmpdir();
}

/** Runs `work` with the bench's folder as the one for temporary files, for those who make their folders there. */
export async function withTemporaryFilesInBenchFolder<T>(work: () => Promise<T>): Promise<T> {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = benchFolder();
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

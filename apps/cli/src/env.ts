/** The one place that reads the environment. Bun adds what an `.env` file in the current folder says and the environment does not. */
import { dirname, resolve } from "node:path";

/** What the environment says. */
export interface Env {
  /** `TELEPOOL_DB_URL`. */
  readonly databaseUrl: string | undefined;
  /** All of it, for `serve`, whose settings are the server's own affair. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder that the user stands in, where a package manager has moved the program to another one. */
  readonly userFolder: string | undefined;
}

/** Reads the environment, in which an empty variable counts as absent; `currentFolder` is the process's own. */
export function readEnv(variables: Readonly<Record<string, string | undefined>>, currentFolder: string): Env {
  return {
    databaseUrl: variables.TELEPOOL_DB_URL || undefined,
    variables,
    userFolder: userFolder(variables, currentFolder),
  };
}

/**
 * pnpm and npm run a script in its package's folder and leave the user's folder in `INIT_CWD`, which every process below
 * inherits. It counts only where we still stand in that package's folder: whoever has changed it since, meant to.
 */
function userFolder(
  { INIT_CWD: start, npm_package_json: manifest }: Readonly<Record<string, string | undefined>>,
  currentFolder: string,
): string | undefined {
  if (!start || !manifest || resolve(dirname(manifest)) !== resolve(currentFolder)) return undefined;
  return resolve(start) === resolve(currentFolder) ? undefined : start;
}

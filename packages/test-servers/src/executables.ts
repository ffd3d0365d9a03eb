/** Finds programs of which several must lie in the same folder, or in some folder. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { searchPath } from "./env.ts";

/** The first folder that holds all these programs. */
export function folderWith(names: readonly string[], folders: readonly string[]): string | undefined {
  return folders.find((folder) => names.every((name) => isExecutable(join(folder, name))));
}

/** The path of a program. */
export function findExecutable(name: string, folders: readonly string[]): string | undefined {
  const folder = folderWith([name], folders);
  return folder && join(folder, name);
}

/** The folders of PATH, and those that match the patterns, in the patterns' order, the highest version first. */
export function programFolders(patterns: readonly string[]): readonly string[] {
  const usual = patterns.flatMap((pattern) => {
    const found = [...new Bun.Glob(pattern.slice(1)).scanSync({ cwd: "/", absolute: true, onlyFiles: false })];
    return found.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  });
  return [...searchPath(), ...usual];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

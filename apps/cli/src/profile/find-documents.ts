/**
 * Finds the Markdown documents under a path, one folder at a time, so that a large tree starts to stream at once.
 *
 * Within a folder, names come in the order of their UTF-16 units. `node_modules` and folders whose name starts with a
 * dot are skipped, unless one is the path that was asked for. A link to a file is a document; a link to a folder is
 * not entered, so a loop of links ends and the walk never leaves the tree.
 */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isTelepoolError, TelepoolError } from "@telepool/core";

/** Whether a file's name says that it is a Markdown document: `.md` or `.markdown`, in any case. */
export function hasDocumentName(path: string): boolean {
  return /\.(?:md|markdown)$/i.test(path);
}

/** How documents are looked for. */
export interface FindOptions {
  /** Told of a folder that may not be read, which is then left out; without it the walk ends there. */
  readonly onUnreadable?: (folder: string, error: TelepoolError) => void;
}

/**
 * The file itself, whatever its name, or every Markdown document under a folder.
 *
 * @throws TelepoolError `INVALID_ARGUMENT` with the field `path` if there is nothing there; `PERMISSION_DENIED` if a
 * folder may not be read
 */
export async function* findDocuments(
  path: string,
  { onUnreadable }: FindOptions = {},
): AsyncGenerator<string, void, undefined> {
  if (!(await isFolder(path))) {
    yield path;
    return;
  }
  const pending: FoundPath[] = [{ path, isFolder: true }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!next.isFolder) yield next.path;
    else for (const found of (await contentOf(next.path, onUnreadable)).reverse()) pending.push(found); // the last one in comes next
  }
}

interface FoundPath {
  readonly path: string;
  readonly isFolder: boolean;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new TelepoolError(
      "INVALID_ARGUMENT",
      `path: ${JSON.stringify(path)} cannot be opened; give a Markdown file or a folder that exists`,
      {
        field: "path",
        cause,
      },
    );
  }
}

async function contentOf(folder: string, onUnreadable: FindOptions["onUnreadable"]): Promise<FoundPath[]> {
  try {
    return await documentsAndFolders(folder);
  } catch (error) {
    if (onUnreadable === undefined || !isTelepoolError(error)) throw error;
    onUnreadable(folder, error);
    return [];
  }
}

async function documentsAndFolders(folder: string): Promise<FoundPath[]> {
  const entries = await entriesOf(folder);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1)); // names in a folder are distinct
  const found: FoundPath[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules" && !entry.name.startsWith(".")) found.push({ path, isFolder: true });
    } else if (
      hasDocumentName(entry.name) &&
      (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(path))))
    ) {
      found.push({ path, isFolder: false });
    }
  }
  return found;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return []; // removed while we walked
    throw new TelepoolError(
      "PERMISSION_DENIED",
      `the folder ${JSON.stringify(folder)} cannot be read; grant access to it or choose another`,
      {
        field: "path",
        cause,
      },
    );
  }
}

async function leadsToFile(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isFile();
  } catch {
    return false; // a link that leads nowhere, or round in a circle
  }
}

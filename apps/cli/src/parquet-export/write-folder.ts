/**
 * Files that appear in their folder together, when all of them are complete and on the disk: until then they are in a hidden
 * folder inside of it, where no `*` finds them. The hidden one is inside, and not beside, because the folder itself may be a
 * disk of its own, or in one where nothing may be made.
 */
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../atomic-file.ts";
import { CliError, systemReason } from "../cli-error.ts";

/** A file, and where it belongs in the folder. */
export interface FileInFolder {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * Makes sure that nothing is in a folder, which may be absent.
 *
 * @throws CliError `USAGE`
 */
export async function refuseUsedFolder(folder: string): Promise<void> {
  const names = await onDisk(folder, "read", () => readdir(folder).catch(nothingIfAbsent));
  if (names.length === 0) return;
  throw new CliError("USAGE", `${JSON.stringify(folder)} is not empty`, {
    hint: "name a folder that is empty or not there yet: nothing is ever replaced",
  });
}

/** Writes files whose paths all begin with `top`; when `files` fails, no trace of them is left. */
export async function writeFolderAtomically(
  folder: string,
  top: string,
  files: AsyncIterable<FileInFolder>,
): Promise<void> {
  const made = await onDisk(folder, "written", () => mkdir(folder, { recursive: true }));
  const partial = join(folder, `.${process.pid}.partial`);
  try {
    // Also without any file there is a folder: an export of nothing can be told from one that was never made.
    await onDisk(folder, "written", () => mkdir(join(partial, top), { recursive: true }));
    for await (const { path, content } of files) {
      const whole = join(partial, path);
      await onDisk(folder, "written", () => mkdir(dirname(whole), { recursive: true }));
      await writeFileAtomically(whole, (file) => file.appendFile(content));
    }
    await onDisk(folder, "written", () => rename(join(partial, top), join(folder, top)));
    await rmdir(partial);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (made !== undefined) await rmdir(folder).catch(() => {}); // somebody else has put something into it
    throw error;
  }
}

function nothingIfAbsent(error: unknown): string[] {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
  throw error;
}

async function onDisk<T>(path: string, done: "read" | "written", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const code = done === "read" ? "FILE_UNREADABLE" : "FILE_UNWRITABLE";
    throw new CliError(code, `${JSON.stringify(path)} cannot be ${done}: ${systemReason(cause)}`, { cause });
  }
}

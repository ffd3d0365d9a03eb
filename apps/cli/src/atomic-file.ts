/**
 * A file that appears under its name only when it is complete and on the disk: until then it is a file beside it whose
 * name says that it is partial. What was under the name before stays there until then.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { CliError, systemReason } from "./cli-error.ts";

/** Writes a file from `write`'s pieces; when `write` fails, no trace of it is left. */
export async function writeFileAtomically(
  path: string,
  write: (file: Pick<FileHandle, "appendFile">) => Promise<void>,
): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const file = await attempt(path, () => open(partial, "wx"));
  try {
    await write({ appendFile: (data) => attempt(path, () => file.appendFile(data)) });
    await attempt(path, () => file.sync());
    await file.close();
    await attempt(path, () => rename(partial, path));
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new CliError("FILE_UNWRITABLE", `${JSON.stringify(path)} cannot be written: ${systemReason(cause)}`, {
      cause,
    });
  }
}

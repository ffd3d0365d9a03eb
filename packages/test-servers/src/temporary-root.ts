/**
 * Where the folders of throwaway servers are made: in TMPDIR when it is set, otherwise in memory for a server that makes
 * many small files, if there is room. A file system without a journal, such as some virtual machines have, takes a
 * millisecond for each file once many have been removed; a new PostgreSQL database has 300 of them.
 */
import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { hasTemporaryFolder } from "./env.ts";

const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 1024 ** 3;

export function temporaryRoot(prefersMemory: boolean): string {
  return prefersMemory && !hasTemporaryFolder() && hasRoom(MEMORY) ? MEMORY : tmpdir();
}

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize >= ROOM_BYTES;
}

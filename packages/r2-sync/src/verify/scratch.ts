/** The store that a proof restores into: SQLite in a folder that nobody else may look into, and that is gone afterwards. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool, type TelemetryPool } from "@telepool/core";

const FOLDER = "telepool-proof-";
/** What a process has left that was killed; no proof takes so long. */
const LEFT_MS = 2 * 86_400_000;

/** Makes an empty store. */
export type Scratch = () => TelemetryPool | Promise<TelemetryPool>;

/** Runs work on an empty store, which is closed afterwards; one that was not given is also deleted. */
export async function withScratch<T>(
  scratch: Scratch | undefined,
  work: (store: TelemetryPool) => Promise<T>,
): Promise<T> {
  if (scratch !== undefined) return await useAndClose(await scratch(), work);
  await sweep();
  const folder = await mkdtemp(join(tmpdir(), FOLDER)); // readable for its owner alone
  try {
    return await useAndClose(createPool("sqlite", { path: join(folder, "proof.db"), synchronous: "off" }), work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function useAndClose<T>(store: TelemetryPool, work: (store: TelemetryPool) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Removes what proofs have left whose processes were killed; what belongs to others stays. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER)) continue;
    const folder = join(tmpdir(), name);
    const about = await stat(folder).catch(() => undefined); // gone, or somebody else's
    if (about === undefined || Date.now() - about.mtimeMs < LEFT_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

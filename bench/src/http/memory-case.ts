/** The memory of the server on SQLite: some seconds after it began to listen, and after it has stored many profiles. */
import { fromCallers } from "../from-callers.ts";
import type { Measured } from "../measure.ts";
import { sampleRow } from "../rows.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { buildBinary } from "./binary.ts";
import { postLines, writeLines } from "./bulk-case.ts";
import { memoryOf } from "./process-figures.ts";
import { type ServerProcess, startBinary, startServer } from "./server-process.ts";
import type { Size } from "./size.ts";

export const IDLE = "idle, the executable";
const IDLE_SOURCE = "idle, from source";
export const LOADED = "loaded, from source";
const PEAK = "loaded, from source, at its peak";

const CONNECTIONS = 64;
const SESSIONS = 50;
const ROWS_IN_LIST = 1000;

/** In 10^6 bytes. */
export async function measureMemory({ memoryRounds, idleMs, loadedRows }: Size): Promise<Measured> {
  const figures = new Map<string, number[]>([IDLE, IDLE_SOURCE, LOADED, PEAK].map((name) => [name, []]));
  await withScratch(async (scratch) => {
    const binary = `${scratch}.telepool`;
    await buildBinary(binary);
    for (let round = 0; round < memoryRounds; round++) {
      await withScratch(async (path) => {
        await using server = await startBinary(binary, path);
        figures.get(IDLE)?.push(await idleMb(server, idleMs));
      });
      await withScratch(async (path) => {
        await using server = await startServer(path);
        figures.get(IDLE_SOURCE)?.push(await idleMb(server, idleMs));
        await load(server, `${path}.ndjson`, loadedRows);
        const { residentMb, peakMb } = memoryOf(server.pid);
        figures.get(LOADED)?.push(residentMb);
        figures.get(PEAK)?.push(peakMb);
      });
    }
  });
  return { suite: "server", name: "server memory", unit: "MB", figures };
}

async function idleMb({ url, pid }: ServerProcess, idleMs: number): Promise<number> {
  await ask(new URL("/readyz", url));
  await Bun.sleep(idleMs);
  return memoryOf(pid).residentMb;
}

/** A fifth of the rows come one by one, two fifths in lists, and two fifths as lines, in two requests. */
async function load({ url }: ServerProcess, lines: string, rows: number): Promise<void> {
  const fifth = rows / 5;
  const profiles = new URL("/api/profiles", url);
  await fromCallers(CONNECTIONS, fifth, (i) => ask(profiles, sampleRow(i, SESSIONS)));
  const list = Array.from({ length: ROWS_IN_LIST }, (_, i) => sampleRow(i, SESSIONS));
  await fromCallers(4, (2 * fifth) / ROWS_IN_LIST, () => ask(profiles, list));
  await writeLines(lines, fifth);
  for (let request = 0; request < 2; request++) await postLines(url, lines, fifth);
}

async function ask(url: URL, body?: object): Promise<void> {
  const json = { "content-type": "application/json" };
  const response = await fetch(
    url,
    body === undefined ? {} : { method: "POST", headers: json, body: JSON.stringify(body) },
  );
  const text = await response.text();
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${text}`);
}

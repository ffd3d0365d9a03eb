/** The memory of the server on SQLite: some seconds after it began to listen, and after it has stored many profiles. */
import { fromCallers } from "../from-callers.ts";
import type { Measured } from "../measure.ts";
import { sampleRow } from "../rows.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { postLines, writeLines } from "./bulk-case.ts";
import { memoryOf } from "./process-figures.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import type { Size } from "./size.ts";

export const IDLE = "idle";
export const LOADED = "loaded";
const PEAK = "loaded, at its peak";

const CONNECTIONS = 64;
const SESSIONS = 50;
const ROWS_IN_LIST = 1000;

/** In 10^6 bytes. */
export async function measureMemory({ memoryRounds, idleMs, loadedRows }: Size): Promise<Measured> {
  const figures = new Map<string, number[]>([IDLE, LOADED, PEAK].map((name) => [name, []]));
  for (let round = 0; round < memoryRounds; round++) {
    await withScratch(async (path) => {
      await using server = await startServer(path);
      await ask(new URL("/readyz", server.url));
      await Bun.sleep(idleMs);
      figures.get(IDLE)?.push(memoryOf(server.pid).residentMb);
      await load(server, `${path}.ndjson`, loadedRows);
      const { residentMb, peakMb } = memoryOf(server.pid);
      figures.get(LOADED)?.push(residentMb);
      figures.get(PEAK)?.push(peakMb);
    });
  }
  return { suite: "server", name: "server memory", unit: "MB", figures };
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

/** Many rows at once: as lines in one POST to a server that was just started, and as objects to a store in this process. */
import { type Measured, measure } from "../measure.ts";
import { sampleRow } from "../rows.ts";
import { openStore, withScratch } from "../sqlite/scratch.ts";
import { startServer } from "./server-process.ts";
import type { Size } from "./size.ts";

export const NDJSON = "NDJSON POST";
export const IN_PROCESS = "importProfiles in process";

const SESSIONS = 50;

/** Rows a second. */
export async function measureBulk({ bulkRows, bulkRounds }: Size): Promise<Measured> {
  return await withScratch(async (path) => {
    const lines = `${path}.ndjson`;
    await writeLines(lines, bulkRows);
    const rows = Array.from({ length: bulkRows }, (_, i) => sampleRow(i, SESSIONS));
    return await measure({
      suite: "server",
      name: "rows at once",
      unit: "rows/s",
      rounds: bulkRounds,
      subjects: [
        { name: NDJSON, run: () => postRate(lines, bulkRows) },
        { name: IN_PROCESS, run: () => importRate(rows) },
      ],
    });
  });
}

/** Writes rows as lines of JSON. */
export async function writeLines(path: string, rows: number): Promise<void> {
  const sink = Bun.file(path).writer();
  for (let i = 0; i < rows; i++) sink.write(`${JSON.stringify(sampleRow(i, SESSIONS))}\n`);
  await sink.end();
}

/** Posts a file of lines. */
export async function postLines(url: URL, path: string, rows: number): Promise<void> {
  const response = await fetch(new URL("/api/profiles", url), {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: Bun.file(path),
  });
  const text = await response.text();
  const { accepted } = JSON.parse(text) as { readonly accepted?: number }; // what the server answers, or a problem without it
  if (accepted !== rows) throw new Error(`of ${rows} rows the server took ${accepted}: ${response.status} ${text}`);
}

async function postRate(lines: string, rows: number): Promise<number> {
  return await withScratch(async (path) => {
    await using server = await startServer(path);
    const startedMs = performance.now();
    await postLines(server.url, lines, rows);
    return rows / ((performance.now() - startedMs) / 1000);
  });
}

async function importRate(rows: readonly ReturnType<typeof sampleRow>[]): Promise<number> {
  return await withScratch(async (path) => {
    await using store = await openStore(path);
    const startedMs = performance.now();
    const { stored } = await store.importProfiles(rows);
    const perSecond = rows.length / ((performance.now() - startedMs) / 1000);
    if (stored !== rows.length) throw new Error(`of ${rows.length} rows the store took ${stored}`);
    return perSecond;
  });
}

/** The resident memory of the server as its own process: idle, and after it has stored many profiles. */
import { join } from "node:path";
import type { Result } from "../report.ts";
import { sampleRow } from "../rows.ts";
import { withScratch } from "./scratch.ts";

const SERVER = join(import.meta.dir, "../../../apps/server/src/main.ts");
const REQUESTS = 20_000;
const CONNECTIONS = 64;

/** Starts the server on a free port, measures it, loads it by HTTP, measures it again, and ends it. */
export async function measureServerMemory(): Promise<Result[]> {
  return await withScratch(async (path) => {
    const server = Bun.spawn([process.execPath, SERVER], {
      env: { ...process.env, TELEPOOL_DB_URL: `sqlite://${path}`, TELEPOOL_PORT: "0", TELEPOOL_HOST: "127.0.0.1" },
      stdout: "pipe",
      stderr: "inherit",
    });
    try {
      const url = await listeningUrl(server.stdout);
      const idle = residentMiB(server.pid);
      await load(url);
      const loaded = residentMiB(server.pid);
      return [result("idle", idle), result(`after ${REQUESTS} posts`, loaded)];
    } finally {
      server.kill("SIGTERM");
      await server.exited;
    }
  });
}

/** The address in the line that the server prints when it listens. */
async function listeningUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdout) {
    text += decoder.decode(chunk, { stream: true });
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("the server ended before it listened");
}

/** Posts profiles from many connections at once. */
async function load(url: string): Promise<void> {
  let next = 0;
  const post = async (): Promise<void> => {
    while (next < REQUESTS) {
      const response = await fetch(`${url}/api/profiles`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(sampleRow(next++, 50)),
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}: ${await response.text()}`);
      await response.body?.cancel();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, post));
}

/** What the operating system says; where `ps` is missing the figure is not a number, and the report goes on. */
function residentMiB(pid: number): number {
  try {
    const { stdout } = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)]);
    return Number(stdout.toString().trim()) / 1024;
  } catch {
    return Number.NaN;
  }
}

function result(subject: string, value: number): Result {
  return { suite: "sqlite", name: "server memory", subject, unit: "MiB", median: value, min: value, max: value, n: 1 };
}

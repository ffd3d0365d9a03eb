/**
 * One run of single POSTs: a server of its own is started and warmed up, loaded, and ended. What a server on SQLite has
 * acknowledged is counted in its file.
 */
import { Database } from "bun:sqlite";
import { sampleRow } from "../rows.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { inTurn, postRequest } from "./keep-alive-connection.ts";
import { cpuSecondsOf } from "./process-figures.ts";
import { type ServerProcess, startServer, startStoreless } from "./server-process.ts";

const SESSIONS = 50;

/** What is sent, and for how long. */
export interface PostLoad {
  readonly connections: number;
  /** How many different profiles are sent in turn. The server makes the ids, so the same one is a new row each time. */
  readonly profiles: number;
  /** How long POSTs are made before they count. */
  readonly warmUpMs: number;
  readonly countedMs: number;
}

/** What was found. */
export interface PostFigures {
  readonly perSecond: number;
  /** Processor time of the server for each POST, in microseconds. */
  readonly serverUs: number;
  /** What this process, which makes the load, took of one core. */
  readonly generatorShare: number;
}

/** Loads the real server, on a new SQLite file. */
export async function postToSqlite(load: PostLoad): Promise<PostFigures> {
  return await withScratch(async (path) => {
    const { figures, acknowledged } = await postTo(await startServer(path), load);
    using database = new Database(path, { readonly: true });
    const stored = database.query<{ n: number }, []>("select count(*) as n from profiles").get()?.n;
    if (stored !== acknowledged)
      throw new Error(`the server acknowledged ${acknowledged} profiles and stored ${stored}`);
    return figures;
  });
}

/** Loads the server that keeps nothing. */
export async function postToStoreless(kind: "checking" | "queueing", load: PostLoad): Promise<PostFigures> {
  return (await postTo(await startStoreless(kind), load)).figures;
}

/** The requests to a server, one after the other. */
export function postsTo({ url }: ServerProcess, profiles: number): () => Uint8Array {
  const path = new URL("/api/profiles", url);
  return inTurn(Array.from({ length: profiles }, (_, i) => postRequest(path, JSON.stringify(sampleRow(i, SESSIONS)))));
}

async function postTo(
  started: ServerProcess,
  { connections, profiles, warmUpMs, countedMs }: PostLoad,
): Promise<{ figures: PostFigures; acknowledged: number }> {
  await using server = started;
  const loop = new ClosedLoop(postsTo(server, profiles), connections);
  await loop.start(server.url);
  await Bun.sleep(warmUpMs);
  const before = { nowMs: performance.now(), answered: loop.answered, cpu: cpuSecondsOf(server.pid) };
  const ownBefore = process.cpuUsage();
  await Bun.sleep(countedMs);
  const seconds = (performance.now() - before.nowMs) / 1000;
  const answered = loop.answered - before.answered;
  const serverSeconds = cpuSecondsOf(server.pid) - before.cpu;
  const own = process.cpuUsage(ownBefore);
  await loop.stop();
  const figures = {
    perSecond: answered / seconds,
    serverUs: (serverSeconds / answered) * 1e6,
    generatorShare: (own.user + own.system) / 1e6 / seconds,
  };
  return { figures, acknowledged: loop.answered };
}

/**
 * Single POSTs: as many as the server takes, durable, against the same server without a store; and their latency at half
 * of that rate. Every run has a new server, which is warmed up first, and a new file.
 */
import { Database } from "bun:sqlite";
import { SideFigures } from "../database-server/side-figures.ts";
import { figuresOf, type Measured, measure, median, percentile, type Subject } from "../measure.ts";
import { sampleRow } from "../rows.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { ClosedLoop } from "./closed-loop.ts";
import { inTurn, postRequest } from "./keep-alive-connection.ts";
import { openLoop } from "./open-loop.ts";
import { cpuSecondsOf } from "./process-figures.ts";
import { type ServerProcess, startServer, startStoreless } from "./server-process.ts";
import type { Size } from "./size.ts";

export const ON_SQLITE = "telepool on SQLite";
export const CHECKED_ONLY = "no store, checks alone";
const QUEUED_ONLY = "no database, checks and queue";

const CONNECTIONS = 64;
/** So many different bodies; the server makes the ids, so that the same body is a new row each time. */
const BODIES = 1000;
const SESSIONS = 50;

/** The rates, and what they cost. */
export interface PostRates {
  readonly rates: Measured;
  readonly serverCpu: Measured;
  readonly generatorCpu: Measured;
}

/** POSTs a second from 64 connections. */
export async function measurePosts(size: Size): Promise<PostRates> {
  const name = `single POSTs, ${CONNECTIONS} connections`;
  const serverCpu = new SideFigures();
  const generatorCpu = new SideFigures();
  const subject = (name: string, run: Run): Subject => ({
    name,
    run: async () => {
      const figures = await run(CONNECTIONS, size);
      serverCpu.add(name, figures.serverUs);
      generatorCpu.add(name, figures.generatorShare * 100);
      return figures.perSecond;
    },
  });
  const rates = await measure({
    suite: "server",
    name,
    unit: "requests/s",
    rounds: size.postRounds,
    subjects: [
      subject(ON_SQLITE, postToSqlite),
      subject(CHECKED_ONLY, (...given) => postToStoreless("checking", ...given)),
      subject(QUEUED_ONLY, (...given) => postToStoreless("queueing", ...given)),
    ],
  });
  return {
    rates,
    serverCpu: serverCpu.measured("server", "server CPU of a POST", "µs"),
    generatorCpu: generatorCpu.measured("server", "generator's share of a core", "%"),
  };
}

/** POSTs a second from one connection. */
export async function measureSinglePosts(size: Size): Promise<Measured> {
  return await measure({
    suite: "server",
    name: "single POSTs, 1 connection",
    unit: "requests/s",
    rounds: size.sideRounds,
    subjects: [
      { name: ON_SQLITE, run: async () => (await postToSqlite(1, size)).perSecond },
      { name: CHECKED_ONLY, run: async () => (await postToStoreless("checking", 1, size)).perSecond },
    ],
  });
}

/** How long a POST takes at half of the rate that the server was found to take. */
export async function measureLatency({ rates }: PostRates, size: Size): Promise<Measured> {
  const perSecond = Math.round(median(figuresOf(rates, ON_SQLITE)) / 2);
  const figures = new Map<string, number[]>(["p50", "p99", "max", "generator late, p50"].map((name) => [name, []]));
  for (let round = 0; round < size.sideRounds; round++) {
    const { latenciesMs, lateMs } = await withScratch(async (path) => {
      await using server = await startServer(path);
      const load = { nextRequest: postsTo(server), connections: CONNECTIONS, perSecond };
      return await openLoop(server.url, { ...load, warmUpMs: size.warmUpMs, countedMs: 2 * size.countedMs });
    });
    figures.get("p50")?.push(percentile(latenciesMs, 50));
    figures.get("p99")?.push(percentile(latenciesMs, 99));
    figures.get("max")?.push(percentile(latenciesMs, 100));
    figures.get("generator late, p50")?.push(percentile(lateMs, 50));
  }
  return { suite: "server", name: `single POSTs at ${perSecond} requests/s`, unit: "ms", figures };
}

interface PostFigures {
  readonly perSecond: number;
  /** Processor time of the server for each POST, in microseconds. */
  readonly serverUs: number;
  readonly generatorShare: number;
}

type Run = (connections: number, size: Size) => Promise<PostFigures>;

async function postToSqlite(connections: number, size: Size): Promise<PostFigures> {
  return await withScratch(async (path) => {
    const { figures, answered } = await postTo(await startServer(path), connections, size);
    using database = new Database(path, { readonly: true });
    const stored = database.query<{ n: number }, []>("select count(*) as n from profiles").get()?.n;
    if (stored !== answered) throw new Error(`the server acknowledged ${answered} profiles and stored ${stored}`);
    return figures;
  });
}

async function postToStoreless(kind: "checking" | "queueing", connections: number, size: Size): Promise<PostFigures> {
  return (await postTo(await startStoreless(kind), connections, size)).figures;
}

/** Loads a server, ends it, and says what it took. */
async function postTo(
  started: ServerProcess,
  connections: number,
  { warmUpMs, countedMs }: Size,
): Promise<{ figures: PostFigures; answered: number }> {
  await using server = started;
  const load = new ClosedLoop(postsTo(server), connections);
  await load.start(server.url);
  await Bun.sleep(warmUpMs);
  const before = { nowMs: performance.now(), answered: load.answered, cpu: cpuSecondsOf(server.pid) };
  const ownBefore = process.cpuUsage();
  await Bun.sleep(countedMs);
  const seconds = (performance.now() - before.nowMs) / 1000;
  const answered = load.answered - before.answered;
  const serverSeconds = cpuSecondsOf(server.pid) - before.cpu;
  const own = process.cpuUsage(ownBefore);
  await load.stop();
  const figures = {
    perSecond: answered / seconds,
    serverUs: (serverSeconds / answered) * 1e6,
    generatorShare: (own.user + own.system) / 1e6 / seconds,
  };
  return { figures, answered: load.answered };
}

function postsTo({ url }: ServerProcess): () => Uint8Array {
  const path = new URL("/api/profiles", url);
  return inTurn(Array.from({ length: BODIES }, (_, i) => postRequest(path, JSON.stringify(sampleRow(i, SESSIONS)))));
}

/**
 * Single POSTs: as many as the server takes, durable, against the same server without a store; and their latency at half
 * of that rate. Every run has a new server, which is warmed up first, and a new file.
 */
import { figuresOf, type Measured, measure, median, percentile, type Subject } from "../measure.ts";
import { SideFigures } from "../side-figures.ts";
import { withScratch } from "../sqlite/scratch.ts";
import { openLoop } from "./open-loop.ts";
import { type PostFigures, type PostLoad, postsTo, postToSqlite, postToStoreless } from "./post-run.ts";
import { startServer } from "./server-process.ts";
import type { Size } from "./size.ts";

export const ON_SQLITE = "telepool on SQLite";
export const CHECKED_ONLY = "no store, checks alone";
const QUEUED_ONLY = "no database, checks and queue";
const SAME_PROFILE = "telepool on SQLite, the same profile always";

const CONNECTIONS = 64;
/**
 * With so many different profiles sessions, members and documents are spread as in the other suites: nearly each row of a
 * commit then changes pages of its own in three indexes. Where all profiles are the same, they share them.
 */
const PROFILES = 1000;

/** The rates, and what they cost. */
export interface PostRates {
  readonly rates: Measured;
  readonly serverCpu: Measured;
  readonly generatorCpu: Measured;
}

/** POSTs a second from 64 connections. */
export async function measurePosts({ warmUpMs, countedMs, postRounds }: Size): Promise<PostRates> {
  const load: PostLoad = { connections: CONNECTIONS, profiles: PROFILES, warmUpMs, countedMs };
  const serverCpu = new SideFigures();
  const generatorCpu = new SideFigures();
  const subject = (name: string, run: () => Promise<PostFigures>): Subject => ({
    name,
    run: async () => {
      const { perSecond, serverUs, generatorShare } = await run();
      serverCpu.add(name, serverUs);
      generatorCpu.add(name, generatorShare * 100);
      return perSecond;
    },
  });
  const rates = await measure({
    suite: "server",
    name: `POST, ${CONNECTIONS} connections`,
    unit: "requests/s",
    rounds: postRounds,
    subjects: [
      subject(ON_SQLITE, () => postToSqlite(load)),
      subject(CHECKED_ONLY, () => postToStoreless("checking", load)),
      subject(QUEUED_ONLY, () => postToStoreless("queueing", load)),
      subject(SAME_PROFILE, () => postToSqlite({ ...load, profiles: 1 })),
    ],
  });
  return {
    rates,
    serverCpu: serverCpu.measured("server", "server CPU of a POST", "µs"),
    generatorCpu: generatorCpu.measured("server", "generator, of a core", "%"),
  };
}

/** POSTs a second from one connection. */
export async function measureSinglePosts({ warmUpMs, countedMs, sideRounds }: Size): Promise<Measured> {
  const load: PostLoad = { connections: 1, profiles: PROFILES, warmUpMs, countedMs };
  return await measure({
    suite: "server",
    name: "POST, 1 connection",
    unit: "requests/s",
    rounds: sideRounds,
    subjects: [
      { name: ON_SQLITE, run: async () => (await postToSqlite(load)).perSecond },
      { name: CHECKED_ONLY, run: async () => (await postToStoreless("checking", load)).perSecond },
    ],
  });
}

/** How long a POST takes at half of the rate that the server was found to take. */
export async function measureLatency({ rates }: PostRates, size: Size): Promise<Measured> {
  const { warmUpMs, countedMs, sideRounds } = size;
  const perSecond = Math.round(median(figuresOf(rates, ON_SQLITE)) / 2);
  const times = new SideFigures();
  for (let round = 0; round <= sideRounds; round++) {
    const { latenciesMs, lateMs } = await withScratch(async (path) => {
      await using server = await startServer(path);
      const load = { nextRequest: postsTo(server, PROFILES), connections: CONNECTIONS, perSecond };
      return await openLoop(server.url, { ...load, warmUpMs, countedMs });
    });
    times.add("p50", percentile(latenciesMs, 50));
    times.add("p99", percentile(latenciesMs, 99));
    times.add("max", percentile(latenciesMs, 100));
    times.add("p50 of the generator's own delay", percentile(lateMs, 50));
  }
  return times.measured("server", "POST at half the rate", "ms");
}

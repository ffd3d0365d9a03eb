/**
 * The server that a suite measures on: the one that TELEPOOL_BENCH_PG_URL or TELEPOOL_BENCH_MYSQL_URL names, or else one
 * that is started for the suite. A server that would lose commits is refused, as its figures are worth nothing.
 */
import { givenServerUrl, objectionToFolder, URL_VARIABLES, withTemporaryFilesInBenchFolder } from "../env.ts";
import type { Engine } from "./engine.ts";

/** A server whose commits are durable. Disposing ends it if it was started here. */
export interface BenchServer extends AsyncDisposable {
  readonly url: string;
}

/** A server, or in one line why there is none. */
export async function openServer(engine: Engine): Promise<BenchServer | string> {
  const givenUrl = givenServerUrl(engine.kind);
  const server = givenUrl === undefined ? await startServer(engine) : givenServer(givenUrl);
  if (typeof server === "string") return server;
  const objection = await objectionTo(engine, server.url);
  if (objection === undefined) return server;
  await server[Symbol.asyncDispose]();
  return objection;
}

async function startServer(engine: Engine): Promise<BenchServer | string> {
  const otherwise = URL_VARIABLES[engine.kind];
  const reason = engine.unavailable();
  if (reason !== undefined) return `${reason}, and ${otherwise} is not set`;
  const objection = objectionToFolder();
  if (objection !== undefined) return `${objection}, or ${otherwise}`;
  try {
    return await withTemporaryFilesInBenchFolder(() => engine.start());
  } catch (error) {
    return `the server did not start: ${firstLine(error)}`;
  }
}

function givenServer(url: string): BenchServer {
  return { url, [Symbol.asyncDispose]: async () => {} };
}

async function objectionTo(engine: Engine, url: string): Promise<string | undefined> {
  try {
    const administrator = await engine.connect(url);
    const weakness = await engine.weakness(administrator).finally(() => administrator.close());
    return weakness === undefined ? undefined : `the server does not keep every commit: ${weakness}`;
  } catch (error) {
    return `the server does not answer: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0] ?? "";
}

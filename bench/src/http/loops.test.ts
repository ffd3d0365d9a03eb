import { afterEach, expect, test } from "bun:test";
import { ClosedLoop } from "./closed-loop.ts";
import { inTurn, postRequest } from "./keep-alive-connection.ts";
import { openLoop } from "./open-loop.ts";

let server: Bun.Server<undefined>;

afterEach(() => server.stop(true));

function serve(fetch: () => Response | Promise<Response>): void {
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
}

const posts = () => inTurn([postRequest(new URL("/api/profiles", server.url), "{}")]);
const stored = () => new Response("{}", { status: 201 });

test("a closed loop counts every answer, and waits at its end for those under way", async () => {
  let served = 0;
  serve(() => {
    served++;
    return stored();
  });
  const loop = new ClosedLoop(posts(), 8);
  await loop.start(server.url);
  while (loop.answered < 100) await new Promise((resolve) => setImmediate(resolve));
  await loop.stop();
  expect(loop.answered).toBe(served);
});

test("another answer than 201 ends the measurement", async () => {
  serve(() => new Response("full", { status: 503 }));
  const loop = new ClosedLoop(posts(), 2);
  await loop.start(server.url);
  await expect(loop.stop()).rejects.toThrow("the server answered HTTP/1.1 503");
  await expect(openLoop(server.url, { ...SHORT, nextRequest: posts() })).rejects.toThrow("503");
});

const SHORT = { connections: 1, perSecond: 1000, warmUpMs: 0, countedMs: 100 };

test("an open loop sends as many as it should", async () => {
  serve(stored);
  const { latenciesMs, lateMs } = await openLoop(server.url, { ...SHORT, nextRequest: posts() });
  expect([latenciesMs.length, lateMs.length]).toEqual([100, 100]);
});

test("a server that stands still is charged with all who came meanwhile", async () => {
  const standsStillMs = 50;
  let first = true;
  serve(async () => {
    if (first) await Bun.sleep(standsStillMs);
    first = false;
    return stored();
  });
  const { latenciesMs } = await openLoop(server.url, { ...SHORT, nextRequest: posts() });
  // Of those that came one by one in each of the 50 ms, half had to wait for more than half of it.
  expect(latenciesMs.filter((latencyMs) => latencyMs >= standsStillMs / 2).length).toBeGreaterThanOrEqual(24);
});

test("requests before the warm-up is over do not count", async () => {
  serve(stored);
  const { latenciesMs } = await openLoop(server.url, { ...SHORT, warmUpMs: 50, nextRequest: posts() });
  expect(latenciesMs).toHaveLength(100);
});

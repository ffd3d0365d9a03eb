/** Clients that hold a connection without using it, on a real socket: each is ended, and nobody else notices. */
import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { serve } from "../src/serving/serve.ts";

const store = createPool("sqlite://:memory:");
const server = await serve({ port: 0, store, limits: { idleMs: 4000, requestTimeoutS: 1 }, log: () => undefined });

afterAll(async () => {
  await server.close();
  await store.close();
});

/** Sends the beginning of a request, then a byte each time that `drip` resolves; resolves with all that came back. */
async function sendSlowly(beginning: string, dripMs: number | undefined): Promise<string> {
  let received = "";
  const over = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: {
      data: (_, data) => {
        received += data.toString();
      },
      close: () => over.resolve(),
    },
  });
  socket.write(beginning);
  const timer = dripMs === undefined ? undefined : setInterval(() => socket.write("x"), dripMs);
  await over.promise;
  clearInterval(timer);
  return received;
}

const HEAD = "POST /api/profiles HTTP/1.1\r\nhost: localhost\r\n";

test.concurrent("a head that never ends is cut off, however steadily it drips", async () => {
  expect(await sendSlowly(`${HEAD}x-slow: `, 500)).toBe("");
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});

test.concurrent("lines that stand still are given up with 408, and what came before them is stored", async () => {
  const lines = '{"session":"slow","member":"m","document":"d","profile":{}}\n'.repeat(5);
  const head = `${HEAD}content-type: application/x-ndjson\r\ncontent-length: 1000000\r\n\r\n`;
  const answer = await sendSlowly(head + lines, undefined);
  expect(answer).toStartWith("HTTP/1.1 408");
  expect(answer).toContain('"code":"BODY_TOO_SLOW"');
  expect(answer).toContain('"accepted":5');
  expect((await store.getSession("slow"))?.profileCount).toBe(5);
});

test.concurrent("a large or a compressed body that stands still is given up with 408", async () => {
  const large = `${HEAD}content-type: application/json\r\ncontent-length: 2000000\r\n\r\n[`;
  const packed = `${HEAD}content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2000\r\n\r\n`;
  for (const head of [large, packed]) expect(await sendSlowly(head, undefined)).toStartWith("HTTP/1.1 408");
});

test.concurrent("lines that keep coming are taken for as long as they do, beyond every timeout", async () => {
  const line = '{"session":"steady","member":"m","document":"d","profile":{}}\n';
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await Bun.sleep(100); // far less than what is allowed, also on a machine that has other things to do
      controller.enqueue(new TextEncoder().encode(line));
      if (++sent === 80) controller.close();
    },
  });
  const headers = { "content-type": "application/x-ndjson" };
  const response = await fetch(`${server.url}/api/profiles`, { method: "POST", headers, body });
  expect({ status: response.status, json: await response.json() }).toMatchObject({
    status: 201,
    json: { accepted: 80 },
  });
});

test.concurrent("a small body that drips is cut off at the time of a request", async () => {
  // All of it would take 300 s, which this test is not given.
  expect(await sendSlowly(`${HEAD}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{`, 300)).toBe("");
});

test.concurrent("a tail on which nothing happens stays open beyond every timeout", async () => {
  const response = await fetch(`${server.url}/api/tail?member=silent`);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  expect(decoder.decode((await reader?.read())?.value)).toContain("event: ready");
  await Bun.sleep(6000); // Bun looks at its timeouts every 4 s
  await store.insertProfile("s", { a: 1 }, "silent", "d");
  expect(decoder.decode((await reader?.read())?.value)).toContain("event: profile");
  await reader?.cancel();
});

/** Many rows, of which a reader takes none. */
async function openUnread(path: string): Promise<{ readonly over: Promise<void> }> {
  const over = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: {
      data: (self) => {
        self.pause();
        begun.resolve();
      },
      close: () => over.resolve(),
      error: () => over.resolve(),
    },
  });
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  await begun.promise;
  return { over: over.promise.finally(() => socket.end()) };
}

test.concurrent("readers that take nothing cost the server nothing, and give their places up", async () => {
  const big = { session: "big", member: "m", document: "d", profile: { text: "x".repeat(100_000) } };
  await store.insertProfiles(Array(50).fill(big));
  await Promise.all(Array.from({ length: 5 }, () => openUnread("/api/tail?member=m")));
  await Promise.all(Array.from({ length: 8 }, () => openUnread("/api/export?session=big")));
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  for (let batch = 0; batch < 40; batch++) await store.insertProfiles(Array(10).fill(big));
  Bun.gc(true);
  // 40 MB of rows for each of 13 readers would be 520 MB; the database in memory has them once, and the ring once.
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  const gauge = async (name: string) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
  };
  while ((await gauge("telepool_tail_readers")) > 1) await Bun.sleep(50);
  while ((await fetch(`${server.url}/api/export?session=none`)).status !== 200) await Bun.sleep(50);
});

/** The live tail against a real server. */
import { afterAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { createClient, ProblemError, type TailMessage } from "@telepool/server/client";
import { serve } from "../../src/serving/serve.ts";

const store = createPool("sqlite://:memory:");
const start = (port = 0) => serve({ port, store, log: () => {} });
const server = await start();
const client = createClient({ baseUrl: server.url });
const profile = { session: "s", member: "tail", document: "d", profile: { ms: 1 } };

afterAll(async () => {
  await server.close();
  await store.close();
});

async function next(tail: AsyncGenerator<TailMessage, void, undefined>): Promise<TailMessage> {
  const { value } = await tail.next();
  if (value === undefined) throw new Error("the tail has ended");
  return value;
}

/** The tail's readers, as the server counts them. */
async function readers(): Promise<string | undefined> {
  const { data } = await client.GET("/metrics", { parseAs: "text" });
  return /^telepool_tail_readers (\d+)$/m.exec(data ?? "")?.[1];
}

test("rows come as they are stored, those that are wanted", async () => {
  const tail = client.tail({ member: "tail" });
  expect((await next(tail)).type).toBe("ready");
  await client.POST("/api/profiles", {
    body: [
      { ...profile, member: "other" },
      { ...profile, id: "p1" },
    ],
  });
  expect(await next(tail)).toMatchObject({ type: "profile", row: { ...profile, id: "p1" } });
  await tail.return();
});

test("who leaves the loop leaves the server", async () => {
  for await (const { type } of client.tail()) {
    expect(type).toBe("ready");
    expect(await readers()).toBe("1");
    break;
  }
  while ((await readers()) !== "0") await Bun.sleep(1);
});

test("a signal ends the loop without an error, and leaves the server", async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  for await (const { type } of client.tail({}, { signal: abort.signal })) {
    seen.push(type);
    setTimeout(() => abort.abort(), 1);
  }
  expect(seen).toEqual(["ready"]);
  while ((await readers()) !== "0") await Bun.sleep(1);
});

test("rows that are stored between two connections follow on the second", async () => {
  const first = client.tail();
  const { id } = await next(first);
  await first.return();
  await client.POST("/api/profiles", { body: { ...profile, id: "between" } });
  const second = client.tail({}, { lastEventId: id ?? "" });
  expect((await next(second)).type).toBe("ready");
  expect(await next(second)).toMatchObject({ type: "profile", row: { id: "between" } });
  await second.return();
});

test("a server that comes back is found again, and says that rows are missing", async () => {
  const before = await start();
  const reasons: unknown[] = [];
  const follower = createClient({ baseUrl: before.url });
  const tail = follower.tail({}, { onReconnect: (reason) => reasons.push(reason) });
  expect((await next(tail)).type).toBe("ready");
  const returned = next(tail);
  await before.close();
  await using _ = await start(before.port);
  expect((await returned).type).toBe("ready");
  expect(await next(tail)).toMatchObject({ type: "missed", rows: null });
  expect(reasons.length).toBeGreaterThan(0);
  await tail.return();
});

test("a refusal is thrown, with what the server said", async () => {
  const wrong = client.tail({ kind: "rows" as "events" }).next(); // against its type
  await expect(wrong).rejects.toBeInstanceOf(ProblemError);
  await expect(wrong).rejects.toMatchObject({ status: 400, problem: { code: "INVALID_ARGUMENT", field: "kind" } });
});

test("nobody there is an error at once", async () => {
  await expect(createClient({ baseUrl: "http://127.0.0.1:1" }).tail().next()).rejects.toThrow();
});

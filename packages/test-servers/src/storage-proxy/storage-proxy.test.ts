import { expect, test } from "bun:test";
import type { Fault } from "./fault.ts";
import { type StorageProxy, startStorageProxy } from "./storage-proxy.ts";

/** Remembers what reached it, and answers each request with its body, or else with its path. */
function startStorage() {
  const heard: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      heard.push(`${request.method} ${pathname}${search} ${request.headers.get("host")}`);
      const body = request.method === "GET" ? pathname : await request.text();
      return new Response(body, { status: 201, headers: { etag: '"e"', "content-length": String(body.length) } });
    },
  });
  return { endpoint: `${server.url}base`, heard, [Symbol.asyncDispose]: () => server.stop(true) };
}

/** What `fetch` gives, or the kind of its failure. */
async function outcome(url: string, init: RequestInit = {}): Promise<string> {
  try {
    const answer = await fetch(url, init);
    return `${answer.status} ${await answer.text()}`;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

/** Applies to the first request only. */
function once(proxy: StorageProxy, fault: Fault): void {
  proxy.faults = ({ attempt }) => (attempt === 1 ? fault : undefined);
}

test("a request is passed on as it came, with its Host, and the answer comes back", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  const url = `${proxy.endpoint}/bucket/a%20b/c?x-id=PutObject`;
  const answer = await fetch(url, { method: "PUT", body: "content", headers: { "x-amz-meta-a": "1" } });
  expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([201, '"e"', "content"]);
  expect(storage.heard).toEqual([`PUT /base/bucket/a%20b/c?x-id=PutObject ${new URL(proxy.endpoint).host}`]);
  expect(proxy.requests[0]).toMatchObject({ method: "PUT", key: "a b/c", query: { "x-id": "PutObject" }, attempt: 1 });
  expect(proxy.requests[0]?.headers["x-amz-meta-a"]).toBe("1");
  expect(proxy.requests[0]?.bytes).toBe(7);
});

test("the length that a HEAD is answered with is passed on", async () => {
  await using storage = Bun.serve({
    port: 0,
    fetch: () => new Response(null, { headers: { "content-length": "12345" } }),
  });
  await using proxy = await startStorageProxy({ endpoint: storage.url.href });
  const answer = await fetch(`${proxy.endpoint}/bucket/key`, { method: "HEAD" });
  expect(answer.headers.get("content-length")).toBe("12345");
});

test("a request that names only the bucket has no key", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  expect(await outcome(`${proxy.endpoint}/bucket/?delete=`, { method: "POST", body: "x" })).toBe("201 x");
  expect(await outcome(`${proxy.endpoint}/bucket?list-type=2&prefix=a%2F`)).toBe("201 /base/bucket");
  expect(proxy.requests.map(({ key, query }) => ({ key, query }))).toEqual([
    { key: "", query: { delete: "" } },
    { key: "", query: { "list-type": "2", prefix: "a/" } },
  ]);
});

test("attempts are counted for each method, key and query", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  for (const path of ["a", "b", "a", "a?x=1"]) await outcome(`${proxy.endpoint}/bucket/${path}`);
  await outcome(`${proxy.endpoint}/bucket/a`, { method: "DELETE" });
  expect(proxy.requests.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 1, 1]);
});

test("a connection that is cut before has not reached the storage", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "cutBeforeForward" });
  expect(await outcome(`${proxy.endpoint}/bucket/key`, { method: "PUT", body: "x" })).toBe("ECONNRESET");
  expect(storage.heard).toEqual([]);
  expect(await outcome(`${proxy.endpoint}/bucket/key`, { method: "PUT", body: "x" })).toBe("201 x");
});

test("a request whose reply is swallowed has reached the storage", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "swallowReply" });
  expect(await outcome(`${proxy.endpoint}/bucket/key`, { method: "PUT", body: "x" })).toBe("ECONNRESET");
  expect(storage.heard).toHaveLength(1);
});

test("an answer of the proxy's own is an S3 error with the headers that were asked for", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "answer", status: 503, code: "SlowDown", headers: { "retry-after": "7" } });
  const answer = await fetch(`${proxy.endpoint}/bucket/key`);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "7"]);
  expect(await answer.text()).toContain("<Code>SlowDown</Code>");
  expect(storage.heard).toEqual([]);
});

test("an answer can have a body instead of an error", async () => {
  await using proxy = await startStorageProxy({ endpoint: "http://127.0.0.1:1" });
  once(proxy, { kind: "answer", status: 200, body: "<DeleteResult/>" });
  expect(await outcome(`${proxy.endpoint}/bucket/?delete`)).toBe("200 <DeleteResult/>");
});

test("half of a truncated answer comes, and its length was announced", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "truncate" });
  const answer = await fetch(`${proxy.endpoint}/bucket/0123456789`);
  expect(answer.headers.get("content-length")).toBe("23");
  await expect(answer.text()).rejects.toThrow();
});

test("half of a stalled answer comes, and its connection stays open", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "stall" });
  const answer = await fetch(`${proxy.endpoint}/bucket/0123456789`);
  const reader = answer.body?.getReader();
  expect((await reader?.read())?.value?.length).toBe(11);
  expect(proxy.connections).toBe(1);
  await reader?.cancel();
});

test("a corrupt answer has its length and another bit", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  once(proxy, { kind: "corrupt" });
  expect(await outcome(`${proxy.endpoint}/bucket/key`)).toBe("201 /base/bubket/key");
});

test("a delayed request is passed on when its clock says so", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  const timer = Promise.withResolvers<{ fn: () => void; ms: number }>();
  once(proxy, { kind: "delay", ms: 40_000, clock: { setTimer: (fn, ms) => timer.resolve({ fn, ms }) } });
  const answer = outcome(`${proxy.endpoint}/bucket/key`);
  const { fn, ms } = await timer.promise;
  expect([ms, storage.heard]).toEqual([40_000, []]);
  fn();
  expect(await answer).toBe("201 /base/bucket/key");
});

test("while it is down every request is cut, and afterwards none", async () => {
  await using storage = startStorage();
  await using proxy = await startStorageProxy(storage);
  proxy.down = true;
  expect(await outcome(`${proxy.endpoint}/bucket/key`)).toBe("ECONNRESET");
  expect(storage.heard).toEqual([]);
  proxy.down = false;
  expect(await outcome(`${proxy.endpoint}/bucket/key`)).toBe("201 /base/bucket/key");
});

test("without a storage connections are cut", async () => {
  await using proxy = await startStorageProxy({ endpoint: "http://127.0.0.1:1" });
  expect(await outcome(`${proxy.endpoint}/bucket/key`)).toBe("ECONNRESET");
});

test("disposing closes what is open and stops listening", async () => {
  await using storage = startStorage();
  const proxy = await startStorageProxy(storage);
  const url = `${proxy.endpoint}/bucket/key`;
  const reached = Promise.withResolvers<void>();
  proxy.faults = () => {
    reached.resolve();
    return { kind: "delay", ms: 1, clock: { setTimer: () => {} } };
  };
  const answer = outcome(url);
  await reached.promise;
  await proxy[Symbol.asyncDispose]();
  expect(await answer).toBe("ECONNRESET");
  expect(await outcome(url)).toBe("ECONNREFUSED");
});

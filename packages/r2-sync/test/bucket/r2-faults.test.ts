/** What a bucket does when the network or the storage fails, by a proxy in front of Cloudflare's simulator. */
import { expect, test } from "bun:test";
import { systemClock } from "@telepool/core";
import { FakeClock } from "@telepool/core/testing";
import { type Fault, type Faults, TcpProxy } from "@telepool/test-servers";
import { R2Bucket } from "../../src/bucket/r2-bucket.ts";
import { bytes, failure, openBench, sharedR2 } from "./r2-fixture.ts";

/** Applies to the first `times` requests with this method. */
function first(times: number, method: string, fault: Fault): Faults {
  let left = times;
  return (request) => (request.method === method && left-- > 0 ? fault : undefined);
}

const passing: [string, Fault][] = [
  ["a connection that is cut", { kind: "cutBeforeForward" }],
  ["a reply that is lost", { kind: "swallowReply" }],
  ...[408, 429, 500, 502, 503, 504].map((status): [string, Fault] => [`status ${status}`, { kind: "answer", status }]),
  ["a body that was damaged on its way", { kind: "answer", status: 400, code: "BadDigest" }],
];

test.each([...passing, ["a reply that is cut", { kind: "truncate" }] as [string, Fault]])(
  "after %s a get is sent again",
  async (_, fault) => {
    await using bench = await openBench();
    const { bucket, proxy, prefix, clock } = bench;
    await bucket.put(`${prefix}key`, bytes("content"));
    proxy.faults = first(2, "GET", fault);
    expect((await bucket.get(`${prefix}key`))?.content).toEqual(bytes("content"));
    expect(bucket.counts).toMatchObject({ classB: 3, retries: 2 });
    expect(clock.pauses).toEqual([50, 100]); // half of 100 and of 200: the clock's jitter
  },
);

test.each(passing)("after %s a put is sent again", async (_, fault) => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  proxy.faults = first(2, "PUT", fault);
  expect(await bucket.put(`${prefix}key`, bytes("content"))).toBe("stored");
  expect((await bucket.get(`${prefix}key`))?.content).toEqual(bytes("content"));
  expect(bucket.counts).toMatchObject({ classA: 3, retries: 2, bytesPut: 21 });
});

test("a put that asks for absence finds its own object when its answer was lost", async () => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  proxy.faults = first(1, "PUT", { kind: "swallowReply" });
  expect(await bucket.put(`${prefix}key`, bytes("mine"), { ifAbsent: true })).toBe("exists");
  expect((await bucket.get(`${prefix}key`))?.content).toEqual(bytes("mine"));
});

test.each(["put", "get", "head", "list", "delete", "check"] as const)("%s survives two failures", async (method) => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  let left = 2;
  proxy.faults = () => (left-- > 0 ? { kind: "answer", status: 503 } : undefined);
  const calls = {
    put: () => bucket.put(`${prefix}a`, bytes("x")),
    get: () => bucket.get(`${prefix}a`),
    head: () => bucket.head(`${prefix}a`),
    list: () => Array.fromAsync(bucket.list(prefix)),
    delete: () => bucket.delete([`${prefix}a`]),
    check: () => bucket.check(),
  };
  await calls[method]();
  expect(bucket.counts.retries).toBe(2);
});

test("pauses grow to 5 s, and the last error is thrown when the time for retries is over", async () => {
  await using bench = await openBench();
  bench.proxy.faults = () => ({ kind: "answer", status: 503, code: "SlowDown" });
  const error = await failure(bench.bucket.head("key"), "STORAGE_UNREACHABLE");
  expect(bench.clock.pauses).toEqual([50, 100, 200, 400, 800, 1600, ...Array<number>(10).fill(2500)]);
  expect(error.message).toContain("HeadObject of key failed");
  expect(error.message).toContain("17 times in 28150 ms");
  expect(error.message).toContain("503");
});

test("without time for retries there is one attempt", async () => {
  await using bench = await openBench({ retryTimeoutMs: 0 });
  bench.proxy.down = true;
  const error = await failure(bench.bucket.head("key"), "STORAGE_UNREACHABLE");
  expect(error.message).toContain("ECONNRESET");
  expect(bench.proxy.requests).toHaveLength(1);
});

test.each([400, 405, 409, 411, 501])("status %d is not sent again", async (status) => {
  await using bench = await openBench();
  bench.proxy.faults = () => ({ kind: "answer", status, code: "Whatever", message: "the reason" });
  const error = await failure(bench.bucket.get("key"), "STORAGE_UNREACHABLE");
  expect(error.message).toEndWith(`GetObject of key failed at ${bench.proxy.endpoint}: ${status} Whatever, the reason`);
  expect(bench.bucket.counts.retries).toBe(0);
});

test("Retry-After is waited for, in seconds or up to a date", async () => {
  await using bench = await openBench();
  const date = new Date(bench.clock.wallMs() + 10_000).toUTCString();
  const waits = ["7", date];
  bench.proxy.faults = () => {
    const wait = waits.shift();
    return wait === undefined ? undefined : { kind: "answer", status: 429, headers: { "retry-after": wait } };
  };
  await bench.bucket.put(`${bench.prefix}key`, bytes("x"));
  expect(bench.clock.pauses).toEqual([7000, 3000]);
});

test("a Retry-After beyond the time for retries is told to the caller", async () => {
  await using bench = await openBench();
  bench.proxy.faults = () => ({ kind: "answer", status: 503, headers: { "retry-after": "60" } });
  const error = await failure(bench.bucket.get("key"), "STORAGE_UNREACHABLE");
  expect([error.retryAfterMs, bench.clock.pauses]).toEqual([60_000, []]);
});

test("content with another MD5 than its ETag is got again", async () => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  await bucket.put(`${prefix}key`, bytes("content"));
  proxy.faults = first(1, "GET", { kind: "corrupt" });
  expect((await bucket.get(`${prefix}key`))?.content).toEqual(bytes("content"));
  expect(bucket.counts).toMatchObject({ classB: 2, retries: 1, bytesGot: 14 });
});

test("content that has twice the same wrong MD5 is what the storage has, and is returned", async () => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  await bucket.put(`${prefix}key`, bytes("content"));
  proxy.faults = first(9, "GET", { kind: "corrupt" });
  expect((await bucket.get(`${prefix}key`))?.content).toEqual(bytes("conuent"));
  expect(bucket.counts.retries).toBe(1);
});

test("a body that is always cut is a storage that cannot be reached", async () => {
  await using bench = await openBench();
  await bench.bucket.put(`${bench.prefix}key`, bytes("content"));
  bench.proxy.faults = first(99, "GET", { kind: "truncate" });
  await failure(bench.bucket.get(`${bench.prefix}key`), "STORAGE_UNREACHABLE");
});

test("a list whose page is cut goes on where it was, without doubles", async () => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  for (const name of ["a", "b", "c"]) await bucket.put(`${prefix}${name}`, bytes("x"));
  proxy.faults = first(1, "GET", { kind: "truncate" });
  const pages = await Array.fromAsync(bucket.list(prefix));
  expect(pages.flat().map(({ key }) => key)).toEqual(["a", "b", "c"].map((name) => `${prefix}${name}`));
  expect(bucket.counts.retries).toBe(1);
});

const nothingDeleted: Fault = { kind: "answer", status: 200, body: "<DeleteResult/>" };

test.each([1, 30])(
  "of %d objects those that stayed, although their deletion was confirmed, are deleted again",
  async (count) => {
    await using bench = await openBench();
    const { bucket, proxy, prefix } = bench;
    const keys = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    for (const key of [...keys, `${prefix}other`]) await bucket.put(key, bytes("x"));
    proxy.faults = first(2, "POST", nothingDeleted);
    await bucket.delete(keys);
    expect((await Array.fromAsync(bucket.list(prefix))).flat().map(({ key }) => key)).toEqual([`${prefix}other`]);
    expect(bucket.counts).toMatchObject({ deletes: 3, retries: 2 });
  },
);

test("objects that stay for good are told", async () => {
  await using bench = await openBench();
  const { bucket, proxy, prefix } = bench;
  await bucket.put(`${prefix}a`, bytes("x"));
  proxy.faults = first(99, "POST", nothingDeleted);
  const { message } = await failure(bucket.delete([`${prefix}a`, `${prefix}b`]), "STORAGE_UNREACHABLE");
  expect(message).toContain(`1 of 2 objects stayed, such as ${prefix}a`);
});

test("an object that may not be deleted is told at once", async () => {
  await using bench = await openBench();
  const body = "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>";
  bench.proxy.faults = () => ({ kind: "answer", status: 200, body });
  const { message } = await failure(bench.bucket.delete(["a"]), "PERMISSION_DENIED");
  expect(message).toContain("DeleteObjects was refused");
  expect(bench.bucket.counts.retries).toBe(0);
});

test("a request that gets no answer in time is given up and sent again", async () => {
  const clock = new FakeClock();
  await using bench = await openBench({ requestTimeoutMs: 2000 }, { clock });
  const arrived = Promise.withResolvers<void>();
  bench.proxy.faults = ({ attempt }) => {
    if (attempt > 1) return undefined;
    arrived.resolve();
    return { kind: "delay", ms: 3_600_000, clock };
  };
  const answer = bench.bucket.put(`${bench.prefix}key`, bytes("x"));
  await arrived.promise;
  await clock.advance(2000); // and the pause, which ends at the latest after 100 ms
  await clock.advance(100);
  expect(await answer).toBe("stored");
  expect(bench.bucket.counts.retries).toBe(1);
});

test("a body that stops coming is given up in time, on the real clock", async () => {
  await using bench = await openBench({ requestTimeoutMs: 300, retryTimeoutMs: 0 }, { clock: systemClock });
  await bench.bucket.put(`${bench.prefix}key`, bytes("content"));
  bench.proxy.faults = () => ({ kind: "stall" });
  const { message } = await failure(bench.bucket.get(`${bench.prefix}key`), "STORAGE_UNREACHABLE");
  expect(message).toContain("no complete answer within 300 ms (ETIMEDOUT)");
});

test("a connection on which TLS does not come about is given up in time, on the real clock", async () => {
  const { bucket, credentials } = await sharedR2();
  await using hole = await TcpProxy.start({ host: "127.0.0.1", port: 1 });
  hole.blackhole();
  const client = new R2Bucket({
    bucket,
    credentials,
    endpoint: `https://127.0.0.1:${hole.port}`,
    requestTimeoutMs: 200,
    retryTimeoutMs: 0,
  });
  const { message } = await failure(client.head("key"), "STORAGE_UNREACHABLE");
  expect(message).toContain("no complete answer within 200 ms (ETIMEDOUT)");
  client.close();
});

test("a signal that has fired sends nothing", async () => {
  await using bench = await openBench();
  await failure(bench.bucket.put("key", bytes("x"), { signal: AbortSignal.abort() }), "ABORTED");
  await failure(bench.bucket.check(AbortSignal.abort()), "ABORTED");
  expect(bench.proxy.requests).toEqual([]);
});

test("a signal ends a request that is under way", async () => {
  await using bench = await openBench();
  const controller = new AbortController();
  bench.proxy.faults = () => {
    controller.abort(new Error("enough"));
    return { kind: "delay", ms: 0, clock: { setTimer: () => {} } };
  };
  const error = await failure(bench.bucket.get("key", controller.signal), "ABORTED");
  expect([error.message, error.cause]).toEqual(["GetObject was aborted by its caller's signal", new Error("enough")]);
});

test("a signal ends the pause before the next attempt, and closing does as well", async () => {
  const clock = new FakeClock();
  await using bench = await openBench({}, { clock });
  const paused = () => {
    const reached = Promise.withResolvers<void>();
    bench.proxy.faults = () => ({ kind: "answer", status: 503 });
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (fn, ms) => {
      if (ms <= 100) reached.resolve();
      return setTimer(fn, ms);
    };
    return reached.promise;
  };
  const controller = new AbortController();
  const first = paused();
  const aborted = failure(bench.bucket.get("key", controller.signal), "ABORTED");
  await first;
  controller.abort();
  await aborted;
  const second = paused();
  const closed = failure(bench.bucket.get("key"), "ABORTED");
  await second;
  bench.bucket.close();
  expect((await closed).message).toBe("the bucket was closed");
  expect([clock.pendingTimers, bench.proxy.requests.length]).toEqual([0, 2]);
});

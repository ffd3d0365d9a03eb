/** What a bucket says when it is set up wrongly, and that it never says a secret. */
import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { systemClock, type TelepoolError } from "@telepool/core";
import { type Fault, makeCertificates, startR2, startStorageProxy } from "@telepool/test-servers";
import { R2Bucket } from "../../src/bucket/r2-bucket.ts";
import type { EndpointOf } from "../../src/bucket/r2-endpoint.ts";
import { bytes, failure, openBench, sharedR2 } from "./r2-fixture.ts";

/** A bucket's methods, for what all of them have in common. */
function callsOf(bucket: R2Bucket): readonly (() => Promise<unknown>)[] {
  return [
    () => bucket.put("key", bytes("x")),
    () => bucket.get("key"),
    () => bucket.head("key"),
    () => Array.fromAsync(bucket.list("")),
    () => bucket.delete(["key"]),
    () => bucket.check(),
  ];
}

test("the right settings pass the check", async () => {
  await using bench = await openBench();
  await bench.bucket.check();
  expect(bench.bucket.location).toBe(`${bench.proxy.endpoint}/${bench.server.bucket}`);
});

test("a bucket that does not exist is said to be missing", async () => {
  await using bench = await openBench({ bucket: "nobody-made-it" });
  for (const call of callsOf(bench.bucket).filter((_, index) => index !== 2)) {
    const error = await failure(call(), "BUCKET_NOT_FOUND");
    expect(error.field).toBe("sync.bucket");
    expect(error.message).toContain(`no bucket "nobody-made-it" at ${bench.proxy.endpoint}`);
  }
  expect(await bench.bucket.head("key")).toBeUndefined(); // the answer to HEAD cannot tell
});

test("an access key id that is not known is refused, whatever is asked", async () => {
  const { credentials } = await sharedR2();
  await using bench = await openBench({ credentials: { ...credentials, accessKeyId: "0".repeat(32) } });
  for (const call of callsOf(bench.bucket)) {
    expect((await failure(call(), "CREDENTIALS_REFUSED")).field).toBe("sync.credentials.accessKeyId");
  }
  expect(bench.bucket.counts.retries).toBe(0);
});

test("a secret access key that is not the right one is refused, whatever is asked", async () => {
  const { credentials } = await sharedR2();
  await using bench = await openBench({ credentials: { ...credentials, secretAccessKey: "s3cr3t-of-nobody" } });
  for (const call of callsOf(bench.bucket)) {
    const error = await failure(call(), "CREDENTIALS_REFUSED");
    expect(error.field).toBe("sync.credentials.secretAccessKey");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cr3t-of-nobody");
  }
});

const refusals: [string, Fault, object][] = [
  [
    "an access key id that S3 does not know",
    { kind: "answer", status: 403, code: "InvalidAccessKeyId" },
    { code: "CREDENTIALS_REFUSED", field: "sync.credentials.accessKeyId" },
  ],
  [
    "an access key id of another length",
    {
      kind: "answer",
      status: 400,
      code: "InvalidArgument",
      message: "Credential access key has length 34, should be 32",
    },
    { code: "CREDENTIALS_REFUSED", field: "sync.credentials.accessKeyId" },
  ],
  [
    "a session that has expired",
    { kind: "answer", status: 400, code: "ExpiredToken" },
    { code: "CREDENTIALS_REFUSED", field: "sync.credentials.sessionToken" },
  ],
  [
    "an account without R2",
    { kind: "answer", status: 403, code: "NotEntitled" },
    { code: "PERMISSION_DENIED", message: expect.stringContaining("no R2 subscription") },
  ],
  [
    "a token that may not",
    { kind: "answer", status: 403, code: "AccessDenied" },
    {
      code: "PERMISSION_DENIED",
      message: expect.stringMatching(
        /^PutObject of key was refused \(403 AccessDenied\): the token needs "Object Read & Write"/,
      ),
    },
  ],
  [
    "a clock that is behind",
    { kind: "answer", status: 403, code: "RequestTimeTooSkewed", headers: { date: "Thu, 01 Jan 2026 01:00:05 GMT" } },
    { code: "CLOCK_SKEWED", message: expect.stringMatching(/clock is 3605 s behind the storage's.*NTP/) },
  ],
  [
    "a clock that is ahead",
    { kind: "answer", status: 400, code: "ExpiredRequest", headers: { date: "Wed, 31 Dec 2025 00:00:00 GMT" } },
    { code: "CLOCK_SKEWED", message: expect.stringContaining("clock is 86400 s ahead of the storage's") },
  ],
];

test.each(refusals)("%s is told as what it is, at the first attempt", async (_, fault, expected) => {
  await using bench = await openBench();
  bench.proxy.faults = () => fault;
  const error = await bench.bucket.put("key", bytes("x")).catch((reason: unknown) => reason);
  expect(error).toMatchObject(expected);
  expect(bench.bucket.counts.retries).toBe(0);
});

test("a wrong clock is told again at the next call: nothing is corrected in silence", async () => {
  await using bench = await openBench();
  const skewed: Fault = {
    kind: "answer",
    status: 403,
    code: "RequestTimeTooSkewed",
    headers: { date: "Thu, 01 Jan 2026 12:00:00 GMT" },
  };
  bench.proxy.faults = () => skewed;
  await failure(bench.bucket.check(), "CLOCK_SKEWED");
  bench.proxy.faults = () => undefined;
  await bench.bucket.check();
  const dates = bench.proxy.requests.map(({ headers }) => headers["x-amz-date"]?.slice(0, 8));
  expect(new Set(dates).size).toBe(1);
});

test("a HEAD that is refused without a reason asks for the reason", async () => {
  await using bench = await openBench();
  bench.proxy.faults = ({ method }) => ({
    kind: "answer",
    status: 403,
    ...(method === "HEAD" ? { body: "" } : { code: "RequestTimeTooSkewed" }),
  });
  await failure(bench.bucket.head("key"), "CLOCK_SKEWED");
  bench.proxy.faults = ({ method }) => (method === "HEAD" ? { kind: "answer", status: 403, body: "" } : undefined);
  expect((await failure(bench.bucket.head("key"), "PERMISSION_DENIED")).message).toContain("HeadObject of key");
});

const ACCOUNT = "0123456789abcdef0123456789abcdef";

/** Buckets of an account, of which one jurisdiction has ours. */
async function openAccount(home: string | undefined, refusal: Fault, jurisdiction?: string) {
  const server = await sharedR2();
  const elsewhere = await startStorageProxy(server);
  elsewhere.faults = () => refusal;
  const endpointOf: EndpointOf = (accountId, asked) =>
    accountId === ACCOUNT && asked === home ? server.endpoint : elsewhere.endpoint;
  const { bucket, credentials } = server;
  const options = { bucket, credentials, accountId: ACCOUNT, retryTimeoutMs: 0 };
  const client = new R2Bucket({ ...options, ...(jurisdiction === undefined ? {} : { jurisdiction }) }, { endpointOf });
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await elsewhere[Symbol.asyncDispose]();
    },
  };
}

const denied: Fault = { kind: "answer", status: 403, code: "AccessDenied" };
const missing: Fault = { kind: "answer", status: 404, code: "NoSuchBucket" };

test("a bucket in another jurisdiction is found by the check, also where it is said not to exist", async () => {
  await using refused = await openAccount("eu", denied);
  const error = await failure(refused.client.check(), "PERMISSION_DENIED");
  expect(error.field).toBe("sync.jurisdiction");
  expect(error.message).toMatch(/is in jurisdiction eu: set sync\.jurisdiction to "eu"$/);

  await using unknown = await openAccount("fedramp", missing, "eu");
  const other = await failure(unknown.client.check(), "BUCKET_NOT_FOUND");
  expect(other.message).toMatch(/is in jurisdiction fedramp: set sync\.jurisdiction to "fedramp"$/);

  await using none = await openAccount(undefined, missing, "eu");
  const last = await failure(none.client.check(), "BUCKET_NOT_FOUND");
  expect(last.message).toMatch(/is in no jurisdiction: leave sync\.jurisdiction out$/);
});

test("a bucket that is in no jurisdiction that is known stays refused", async () => {
  await using account = await openAccount("mars", denied);
  const error = await failure(account.client.check(), "PERMISSION_DENIED");
  expect(error.field).toBeUndefined();
  expect(error.message).toContain("the bucket is in another jurisdiction than sync.jurisdiction says");
});

test.each([
  ["a port at which nobody listens", "http://127.0.0.1:1", /nobody listens there.*\(ECONNREFUSED\)/],
  ["a name that nobody has", "https://telepool-test.invalid", /\((ENOTFOUND|EAI_AGAIN)\)/],
])("%s is told with the endpoint", async (_, endpoint, reason) => {
  await using bench = await openBench({ endpoint, retryTimeoutMs: 0 });
  const { message } = await failure(bench.bucket.check(), "STORAGE_UNREACHABLE");
  expect(message).toStartWith(`ListObjectsV2 got no answer from ${endpoint}: `);
  expect(message).toMatch(reason);
  expect(message).toEndWith("check the network and sync.endpoint");
});

test("a certificate that is not trusted is told, and no reason to try again", async () => {
  using certificates = await makeCertificates();
  await using server = Bun.serve({
    port: 0,
    fetch: () => new Response(),
    tls: { cert: Bun.file(certificates.certFile), key: Bun.file(certificates.keyFile) },
  });
  await using bench = await openBench({ endpoint: `https://localhost:${server.port}` });
  const { message } = await failure(bench.bucket.check(), "STORAGE_UNREACHABLE");
  expect(message).toContain("the server's certificate is not trusted");
  expect(bench.bucket.counts.retries).toBe(0);
});

test("a server that has died and come back is served by the retries", async () => {
  await using server = await startR2();
  const { endpoint, bucket, credentials } = server;
  const client = new R2Bucket({ endpoint, bucket, credentials });
  await client.put("key", bytes("1"));
  await server.kill();
  const got = client.get("key");
  await server.restart();
  expect((await got)?.content).toEqual(bytes("1"));
  expect(client.counts.retries).toBeGreaterThan(0);
  client.close();
});

test("no secret is in what is shown of a bucket, nor in an error or its causes", async () => {
  const secrets = { secretAccessKey: "s3cr3t-access-key", sessionToken: "s3ss10n-token" };
  await using bench = await openBench(
    { credentials: { accessKeyId: "0".repeat(32), ...secrets }, retryTimeoutMs: 0 },
    { clock: systemClock },
  );
  const shown: string[] = [];
  const show = (thing: unknown) => {
    shown.push(inspect(thing, { depth: 20, showHidden: true }), Bun.inspect(thing), String(thing));
    shown.push(JSON.stringify(thing));
  };
  show(bench.bucket);
  const faults: (Fault | undefined)[] = [
    undefined,
    { kind: "cutBeforeForward" },
    { kind: "answer", status: 403, code: "AccessDenied", message: `${secrets.secretAccessKey} may not` },
    {
      kind: "answer",
      status: 400,
      code: "Odd",
      message: `what is ${secrets.secretAccessKey} ${secrets.sessionToken}?`,
    },
    { kind: "answer", status: 200, body: `<no xml ${secrets.sessionToken}` },
  ];
  for (const fault of faults) {
    bench.proxy.faults = () => fault;
    for (const call of callsOf(bench.bucket)) {
      const error = await call().catch((reason: TelepoolError) => reason);
      show(error);
      show(error instanceof Error ? error.cause : undefined);
    }
  }
  for (const secret of Object.values(secrets)) {
    expect(shown.filter((text) => text?.includes(secret))).toEqual([]);
  }
});

/** Every method of a bucket, against Cloudflare's own simulator. */
import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { ObjectInfo } from "../../src/bucket/bucket.ts";
import type { R2Bucket } from "../../src/bucket/r2-bucket.ts";
import { bytes, failure, openBench } from "./r2-fixture.ts";

function md5(content: Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

async function listed(bucket: R2Bucket, prefix: string, startAfter?: string): Promise<ObjectInfo[][]> {
  const pages: ObjectInfo[][] = [];
  const options = startAfter === undefined ? {} : { startAfter };
  for await (const page of bucket.list(prefix, options)) pages.push([...page]);
  return pages;
}

async function keys(bucket: R2Bucket, prefix: string, startAfter?: string): Promise<string[]> {
  return (await listed(bucket, prefix, startAfter)).flat().map(({ key }) => key);
}

test("what is put is got back, with its metadata, its ETag and its time", async () => {
  await using bench = await openBench();
  const { bucket, prefix } = bench;
  const key = `${prefix}ä b+c&<>'"/%20.zst`;
  const content = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251);
  const before = Math.floor(Date.now() / 1000) * 1000;
  const metadata = { sha256: "00ff", "from-to": "1 - 2" };
  expect(await bucket.put(key, content, { metadata, contentType: "application/zstd" })).toBe("stored");

  const got = await bucket.get(key);
  expect(got?.content).toEqual(content);
  expect(got).toMatchObject({ key, bytes: 300_000, etag: md5(content), metadata });
  expect(got?.modifiedMs).toBeGreaterThanOrEqual(before);
  const { content: _, ...head } = got ?? {};
  expect(await bucket.head(key)).toEqual(head as object as NonNullable<typeof got>); // the same without its content
  expect(bench.proxy.requests[0]?.headers).toMatchObject({
    "content-md5": createHash("md5").update(content).digest("base64"),
    "content-length": "300000",
    "content-type": "application/zstd",
  });
});

test("an empty object is an object", async () => {
  await using bench = await openBench();
  const key = `${bench.prefix}empty`;
  expect(await bench.bucket.put(key, new Uint8Array())).toBe("stored");
  const got = await bench.bucket.get(key);
  expect([got?.bytes, got?.content.length, got?.etag]).toEqual([0, 0, md5(new Uint8Array())]);
});

test("what is not there is undefined, for get and for head", async () => {
  await using bench = await openBench();
  expect(await bench.bucket.get(`${bench.prefix}nothing`)).toBeUndefined();
  expect(await bench.bucket.head(`${bench.prefix}nothing`)).toBeUndefined();
});

test("a put replaces, unless it asks for absence", async () => {
  await using bench = await openBench();
  const key = `${bench.prefix}key`;
  expect(await bench.bucket.put(key, bytes("1"), { ifAbsent: true })).toBe("stored");
  expect(await bench.bucket.put(key, bytes("2"), { ifAbsent: true })).toBe("exists");
  expect((await bench.bucket.get(key))?.content).toEqual(bytes("1"));
  expect(await bench.bucket.put(key, bytes("3"))).toBe("stored");
  expect((await bench.bucket.get(key))?.content).toEqual(bytes("3"));
});

test("of 20 racing puts that ask for absence one wins, and its content is stored", async () => {
  await using bench = await openBench();
  const key = `${bench.prefix}race`;
  const race = Array.from({ length: 20 }, (_, index) =>
    bench.bucket.put(key, bytes(`writer ${index}`), { ifAbsent: true }),
  );
  const outcomes = await Promise.all(race);
  expect(outcomes.filter((outcome) => outcome === "stored")).toHaveLength(1);
  expect((await bench.bucket.get(key))?.content).toEqual(bytes(`writer ${outcomes.indexOf("stored")}`));
});

test("a list has the keys with its prefix in byte order, after a key if it is told", async () => {
  await using bench = await openBench();
  const { bucket, prefix } = bench;
  const names = ["a", "B", "ab", "é", "\u{1f600}", "\ufffd", "a/b"];
  for (const name of [...names].reverse()) await bucket.put(`${prefix}${name}`, bytes(name));
  const inOrder = ["B", "a", "a/b", "ab", "é", "\ufffd", "\u{1f600}"].map((name) => `${prefix}${name}`);
  expect(await keys(bucket, prefix)).toEqual(inOrder);
  expect(await keys(bucket, `${prefix}a`)).toEqual(inOrder.slice(1, 4));
  expect(await keys(bucket, prefix, `${prefix}a/b`)).toEqual(inOrder.slice(3));
  expect(await listed(bucket, `${prefix}nothing`)).toEqual([]);
  const [object] = (await listed(bucket, `${prefix}é`)).flat();
  expect(object).toMatchObject({ bytes: 2, etag: md5(bytes("é")) });
});

test("more than a thousand objects are listed by pages, and deleted", async () => {
  await using bench = await openBench();
  const { bucket, prefix, proxy } = bench;
  const many = Array.from({ length: 1002 }, (_, index) => `${prefix}${String(index).padStart(4, "0")}`);
  for (let at = 0; at < many.length; at += 50) {
    await Promise.all(many.slice(at, at + 50).map((key) => bucket.put(key, bytes("x"))));
  }
  const pages = await listed(bucket, prefix);
  expect(pages.map(({ length }) => length)).toEqual([1000, 2]);
  expect(pages.flat().map(({ key }) => key)).toEqual(many);

  await bucket.delete([...many, `${prefix}never there`]);
  expect(await keys(bucket, prefix)).toEqual([]);
  const deletions = proxy.requests.filter(({ method }) => method === "POST");
  expect(deletions).toHaveLength(2);
  expect(deletions.every(({ headers }) => /^[\w+/]{22}==$/.test(headers["content-md5"] ?? ""))).toBe(true);
  expect(deletions.flatMap(({ headers }) => Object.keys(headers).filter((name) => name.includes("checksum")))).toEqual(
    [],
  );
});

test("deleting nothing, or what is not there, is nothing", async () => {
  await using bench = await openBench();
  await bench.bucket.delete([]);
  expect(bench.proxy.requests).toEqual([]);
  await bench.bucket.delete([`${bench.prefix}a`, `${bench.prefix}a`]);
  expect(bench.bucket.counts).toMatchObject({ deletes: 1, classB: 1, retries: 0 });
});

test("requests are counted as they are billed", async () => {
  await using bench = await openBench();
  const { bucket, prefix } = bench;
  await bucket.put(`${prefix}a`, bytes("12345"));
  await bucket.put(`${prefix}a`, bytes("12345"), { ifAbsent: true });
  await keys(bucket, prefix);
  await bucket.get(`${prefix}a`);
  await bucket.get(`${prefix}b`);
  await bucket.head(`${prefix}a`);
  await bucket.delete([`${prefix}a`]);
  await bucket.check();
  expect(bucket.counts).toEqual({ classA: 4, classB: 4, deletes: 1, bytesPut: 10, bytesGot: 5, retries: 0 });
});

test("connections are kept, and closed with the bucket", async () => {
  await using bench = await openBench();
  for (let round = 0; round < 5; round++) await bench.bucket.head(`${bench.prefix}a`);
  expect(bench.proxy.connections).toBe(1);
  bench.bucket.close();
  const { message } = await failure(bench.bucket.head(`${bench.prefix}a`), "ABORTED");
  expect(message).toBe("the bucket was closed");
});

test("what no bucket takes is refused before it is sent", async () => {
  await using bench = await openBench();
  const put = (key: string, metadata: Record<string, string> = {}) =>
    failure(bench.bucket.put(key, bytes("x"), { metadata }), "INVALID_ARGUMENT");
  expect(await put("")).toMatchObject({ field: "key" });
  expect(await put("ä".repeat(513))).toMatchObject({ field: "key", message: expect.stringContaining("got 1026") });
  expect(await put("key", { Name: "x" })).toMatchObject({ field: "metadata.Name" });
  expect(await put("key", { name: "ä" })).toMatchObject({ field: "metadata.name" });
  expect(await put("key", { name: "x".repeat(8190) })).toMatchObject({ field: "metadata" });
  expect(bench.proxy.requests).toEqual([]);
});

import { expect, test } from "bun:test";
import { inspect } from "node:util";
import { TelepoolError } from "@telepool/core";
import { r2Endpoint } from "./r2-endpoint.ts";
import { parseR2Options, type R2BucketOptions, type R2Config } from "./r2-options.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const SECRET = "s3cr3t-of-mine";
const given: R2BucketOptions = {
  bucket: "backups",
  accountId: ACCOUNT,
  credentials: { accessKeyId: "me", secretAccessKey: SECRET },
};

function parse(change: object): R2Config {
  return parseR2Options({ ...given, ...change }, "sync", r2Endpoint);
}

/** What refuses the options. */
function refusal(change: object): TelepoolError {
  try {
    parse(change);
  } catch (error) {
    if (error instanceof TelepoolError && error.code === "INVALID_OPTION") return error;
    throw error;
  }
  throw new Error(`${inspect(change)} was taken`);
}

test("an account's endpoint follows from its id and the jurisdiction", () => {
  expect(parse({}).endpoint).toBe(`https://${ACCOUNT}.r2.cloudflarestorage.com`);
  expect(parse({ jurisdiction: "eu" }).endpoint).toBe(`https://${ACCOUNT}.eu.r2.cloudflarestorage.com`);
});

test("time-outs have their defaults", () => {
  expect(parse({})).toMatchObject({ requestTimeoutMs: 30_000, retryTimeoutMs: 30_000, where: "sync" });
  expect(parse({ requestTimeoutMs: 1, retryTimeoutMs: 0 })).toMatchObject({ requestTimeoutMs: 1, retryTimeoutMs: 0 });
});

test("credentials come out as they went in, and are not shown", () => {
  const credentials = { accessKeyId: "me", secretAccessKey: SECRET, sessionToken: "t0ken" };
  const config = parse({ credentials });
  expect(config.credentials()).toEqual(credentials);
  const shown = [inspect(config, { depth: 9, showHidden: true }), Bun.inspect(config), JSON.stringify(config)];
  expect(shown.filter((text) => text.includes(SECRET) || text.includes("t0ken"))).toEqual([]);
});

test.each(["abc", "a-1", "0".repeat(63)])("the bucket's name %s is taken", (bucket) => {
  expect(parse({ bucket }).bucket).toBe(bucket);
});

test.each(["", "ab", "-abc", "abc-", "Abc", "a_c", "a.c", "0".repeat(64), 7])(
  "the bucket's name %p is refused",
  (bucket) => {
    expect(refusal({ bucket }).field).toBe("sync.bucket");
  },
);

test.each([
  "https://s3.example.com",
  "https://s3.example.com:8443/base/",
  "http://localhost:9000",
  "http://minio.localhost",
  "http://127.0.0.1:9000/cdn-cgi/local/r2/s3",
  "http://[::1]:9000",
])("the endpoint %s is taken, without a slash at its end", (endpoint) => {
  expect(parse({ accountId: undefined, endpoint }).endpoint).toBe(endpoint.replace(/\/$/, ""));
});

test.each([
  ["s3.example.com", "must be a URL"],
  ["ftp://s3.example.com", "must be a URL"],
  [`https://me:${SECRET}@s3.example.com`, "must not hold a user or a password"],
  [`https://s3.example.com?secret=${SECRET}`, "neither a query nor a fragment"],
  ["https://s3.example.com#x", "neither a query nor a fragment"],
  ["http://s3.example.com", "allowInsecureEndpoint"],
  ["http://127.0.0.1.example.com", "allowInsecureEndpoint"],
])("the endpoint %s is refused", (endpoint, rule) => {
  const { field, message } = refusal({ accountId: undefined, endpoint });
  expect(field).toBe("sync.endpoint");
  expect(message).toContain(rule);
  expect(message).not.toContain(SECRET);
});

test("an http endpoint on another machine is taken when it is allowed", () => {
  const endpoint = "http://minio:9000";
  expect(parse({ accountId: undefined, endpoint, allowInsecureEndpoint: true }).endpoint).toBe(endpoint);
});

test.each([
  [{ accountId: undefined }, "sync.accountId", "is missing"],
  [{ endpoint: "https://s3.example.com" }, "sync.endpoint", "cannot both be given"],
  [{ accountId: undefined, endpoint: "https://a.example", jurisdiction: "eu" }, "sync.jurisdiction", "beside"],
  [{ accountId: "ABC" }, "sync.accountId", "32 hexadecimal digits"],
  [{ jurisdiction: "EU" }, "sync.jurisdiction", "lower case"],
  [{ jurisdiction: "eu.evil.example/" }, "sync.jurisdiction", "lower case"],
  [{ credentials: undefined }, "sync.credentials", "is missing"],
  [{ credentials: SECRET }, "sync.credentials", ""],
  [{ credentials: { accessKeyId: "me" } }, "sync.credentials.secretAccessKey", "is missing"],
  [
    { credentials: { accessKeyId: "me", secretAccessKey: `${SECRET}\n` } },
    "sync.credentials.secretAccessKey",
    "spaces",
  ],
  [{ credentials: { accessKeyId: "", secretAccessKey: SECRET } }, "sync.credentials.accessKeyId", "spaces"],
  [{ requestTimeoutMs: 0 }, "sync.requestTimeoutMs", "from 1"],
  [{ retryTimeoutMs: -1 }, "sync.retryTimeoutMs", "from 0"],
  [{ buckett: "x" }, "sync.buckett", "did you mean bucket?"],
])("%p is refused, and told by its path without a secret", (change, field, rule) => {
  const error = refusal(change);
  expect(error.field).toBe(field);
  expect(error.message).toContain(rule);
  expect(error.message).not.toContain(SECRET);
});

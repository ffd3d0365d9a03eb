import { expect, test } from "bun:test";
import { TelepoolError } from "@telepool/core";
import { inVariables, readEnv } from "./env.ts";

test("an environment without telepool's variables sets nothing", () => {
  expect(readEnv({ PATH: "/bin", PORT: "3000" })).toEqual({});
});

test("an empty variable counts as absent", () => {
  expect(readEnv({ TELEPOOL_DB_URL: "", TELEPOOL_HOST: "", TELEPOOL_PORT: "" })).toEqual({});
});

test("the variables become options", () => {
  const env = { TELEPOOL_DB_URL: "sqlite://./a.db", TELEPOOL_HOST: "0.0.0.0", TELEPOOL_PORT: "0" };
  expect(readEnv(env)).toEqual({ dbUrl: "sqlite://./a.db", host: "0.0.0.0", port: 0 });
});

for (const port of ["65536", "-1", "80.5", "1e3", "0x50", " 80", "http"]) {
  test(`the port ${JSON.stringify(port)} is refused by the variable's name`, () => {
    const read = () => readEnv({ TELEPOOL_PORT: port });
    expect(read).toThrow(TelepoolError);
    expect(read).toThrow("TELEPOOL_PORT must be a whole number from 0 to 65535");
  });
}

test("every setting has a variable", () => {
  const env = {
    TELEPOOL_TOKENS: "ingest:0123456789abcdef",
    TELEPOOL_TOKENS_FILE: "tokens.json",
    TELEPOOL_INSECURE_NO_AUTH: "1",
    TELEPOOL_CORS_ORIGINS: "https://a.example, https://b.example",
    TELEPOOL_LOG_LEVEL: "debug",
    TELEPOOL_MAX_BODY_BYTES: "2000000",
    TELEPOOL_MAX_BYTES_UNDER_WAY: "3000000",
    TELEPOOL_REQUEST_TIMEOUT_S: "60",
    TELEPOOL_IDLE_MS: "5000",
    TELEPOOL_QUERY_TIMEOUT_MS: "1000",
    TELEPOOL_MAX_IMPORTS: "4",
    TELEPOOL_MAX_LONG_QUERIES: "2",
    TELEPOOL_MAX_TAIL_READERS: "3",
  };
  expect(readEnv(env)).toEqual({
    tokens: [{ token: "0123456789abcdef", scopes: ["ingest"] }],
    tokensFile: "tokens.json",
    insecureNoAuth: true,
    corsOrigins: ["https://a.example", "https://b.example"],
    logLevel: "debug",
    limits: {
      maxBodyBytes: 2_000_000,
      maxBytesUnderWay: 3_000_000,
      requestTimeoutS: 60,
      idleMs: 5000,
      queryTimeoutMs: 1000,
      maxImports: 4,
      maxLongQueries: 2,
      maxTailReaders: 3,
    },
  });
});

for (const [variable, text] of [
  ["TELEPOOL_INSECURE_NO_AUTH", "yes"],
  ["TELEPOOL_LOG_LEVEL", "loud"],
  ["TELEPOOL_MAX_BODY_BYTES", "16MB"],
  ["TELEPOOL_QUERY_TIMEOUT_MS", "-1"],
] as const) {
  test(`${variable}=${text} is refused by the variable's name`, () => {
    expect(() => readEnv({ [variable]: text })).toThrow(variable);
  });
}

test("a variable that is not known is refused with the nearest that is, unless it is empty or another tool's", () => {
  expect(() => readEnv({ TELEPOOL_TOKEN: "x" })).toThrow(
    "TELEPOOL_TOKEN is not a setting; did you mean TELEPOOL_TOKENS?",
  );
  expect(readEnv({ TELEPOOL_TOKEN: "", TELEPOOL_TEST_PG_URL: "x", TELEPOOL_BENCH_DIR: "x" })).toEqual({});
});

test("a copy is set up by variables of its own", () => {
  const env = {
    TELEPOOL_R2_BUCKET: "telemetry",
    TELEPOOL_R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
    TELEPOOL_R2_ACCESS_KEY_ID: "id",
    TELEPOOL_R2_SECRET_ACCESS_KEY: "secret",
    TELEPOOL_R2_INTERVAL_S: "5",
  };
  expect(readEnv(env)).toEqual({
    sync: {
      bucket: "telemetry",
      accountId: "0123456789abcdef0123456789abcdef",
      credentials: { accessKeyId: "id", secretAccessKey: "secret" },
      intervalMs: 5000,
    },
  });
});

test("what a copy lacks, and a variable of it that is not known, are refused by name", () => {
  expect(() => readEnv({ TELEPOOL_R2_BUCKET: "b" })).toThrow("TELEPOOL_R2_ACCESS_KEY_ID is missing");
  expect(() => readEnv({ TELEPOOL_R2_PREFIX: "a" })).toThrow("TELEPOOL_R2_BUCKET is missing beside TELEPOOL_R2_PREFIX");
  expect(() => readEnv({ TELEPOOL_R2_BUCKETS: "b" })).toThrow("did you mean TELEPOOL_R2_BUCKET?");
});

test("a message about an option names its variable", () => {
  expect(inVariables("serve.limits.idleMs must be less")).toBe("TELEPOOL_IDLE_MS must be less");
  expect(inVariables("serve.tokens.0.token: must have 16")).toBe("TELEPOOL_TOKENS.0.token: must have 16");
  expect(inVariables("sync.credentials.secretAccessKey is missing")).toBe("TELEPOOL_R2_SECRET_ACCESS_KEY is missing");
  expect(inVariables("serve.store is no store of serve")).toBe("serve.store is no store of serve");
});

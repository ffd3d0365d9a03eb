import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inR2Variables, R2_VARIABLES, r2OptionsFromEnv } from "./env.ts";
import { parseSyncOptions } from "./sync-options.ts";

const folder = mkdtempSync(join(tmpdir(), "telepool-env-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NEEDED = {
  TELEPOOL_R2_BUCKET: "telemetry",
  TELEPOOL_R2_ACCESS_KEY_ID: "key",
  TELEPOOL_R2_SECRET_ACCESS_KEY: "secret",
};

function refusal(env: Record<string, string>): { field: string; message: string } {
  try {
    r2OptionsFromEnv(env);
  } catch (error) {
    if (error instanceof Error && "field" in error) return { field: String(error.field), message: error.message };
  }
  throw new Error("it was taken");
}

test("without a variable there is no sync, and an empty variable counts as none", () => {
  expect(r2OptionsFromEnv({})).toBeUndefined();
  expect(r2OptionsFromEnv(Object.fromEntries(R2_VARIABLES.map((name) => [name, ""])))).toBeUndefined();
});

test("what is needed is enough", () => {
  expect(r2OptionsFromEnv(NEEDED)).toEqual({
    bucket: "telemetry",
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
  });
});

test("every variable sets its option, in the option's units", () => {
  const env = {
    ...NEEDED,
    TELEPOOL_R2_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
    TELEPOOL_R2_JURISDICTION: "eu",
    TELEPOOL_R2_SESSION_TOKEN: "token",
    TELEPOOL_R2_PREFIX: "production",
    TELEPOOL_R2_INTERVAL_S: "5",
    TELEPOOL_R2_KEEP_DAYS: "2",
    TELEPOOL_R2_GRACE_HOURS: "3",
    TELEPOOL_R2_CHECKPOINT_DAYS: "4",
    TELEPOOL_R2_PROOF_HOURS: "0",
    TELEPOOL_R2_SUMMARY_S: "6",
    TELEPOOL_R2_FLUSH_TIMEOUT_S: "7",
  };
  const options = r2OptionsFromEnv(env);
  expect(options).toEqual({
    bucket: "telemetry",
    accountId: "0123456789abcdef0123456789abcdef",
    jurisdiction: "eu",
    prefix: "production",
    intervalMs: 5000,
    keepMs: 172_800_000,
    graceMs: 10_800_000,
    checkpointEveryMs: 345_600_000,
    proofEveryMs: 0,
    summaryEveryMs: 6000,
    flushTimeoutMs: 7000,
    credentials: { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" },
  });
  const other = { ...NEEDED, TELEPOOL_R2_ENDPOINT: "http://storage:9000", TELEPOOL_R2_ALLOW_INSECURE_ENDPOINT: "true" };
  expect(r2OptionsFromEnv(other)).toMatchObject({ endpoint: "http://storage:9000", allowInsecureEndpoint: true });
  const tested = new Set([...Object.keys(env), ...Object.keys(other), "TELEPOOL_R2_SECRET_ACCESS_KEY_FILE"]);
  expect([...R2_VARIABLES].sort()).toEqual([...tested].sort());
  if (options !== undefined) expect(parseSyncOptions(options, "sync").config.prefix).toBe("production/");
});

test.each(["false", "0"])("%s allows no insecure endpoint", (text) => {
  const options = r2OptionsFromEnv({ ...NEEDED, TELEPOOL_R2_ALLOW_INSECURE_ENDPOINT: text });
  expect(options?.allowInsecureEndpoint).toBe(false);
});

test("the secret may stand in a file, whose line end is no part of it", () => {
  const path = join(folder, "secret");
  writeFileSync(path, "from a file\n");
  const { TELEPOOL_R2_SECRET_ACCESS_KEY: _, ...others } = NEEDED;
  const options = r2OptionsFromEnv({ ...others, TELEPOOL_R2_SECRET_ACCESS_KEY_FILE: path });
  expect(options?.credentials.secretAccessKey).toBe("from a file");
});

test.each([
  ["TELEPOOL_R2_BUCKET", { TELEPOOL_R2_PREFIX: "x" }, "is missing beside TELEPOOL_R2_PREFIX"],
  ["TELEPOOL_R2_ACCESS_KEY_ID", { TELEPOOL_R2_BUCKET: "b" }, "is missing beside TELEPOOL_R2_BUCKET"],
  [
    "TELEPOOL_R2_SECRET_ACCESS_KEY",
    { TELEPOOL_R2_BUCKET: "b", TELEPOOL_R2_ACCESS_KEY_ID: "k" },
    "is missing beside TELEPOOL_R2_BUCKET",
  ],
  ["TELEPOOL_R2_SECRET_ACCESS_KEY_FILE", { ...NEEDED, TELEPOOL_R2_SECRET_ACCESS_KEY_FILE: "/x" }, "cannot both be set"],
  ["TELEPOOL_R2_INTERVAL_S", { ...NEEDED, TELEPOOL_R2_INTERVAL_S: "1.5" }, "(got 1.5)"],
  ["TELEPOOL_R2_KEEP_DAYS", { ...NEEDED, TELEPOOL_R2_KEEP_DAYS: "-1" }, "(got -1)"],
  ["TELEPOOL_R2_GRACE_HOURS", { ...NEEDED, TELEPOOL_R2_GRACE_HOURS: "9999999999" }, "(got 9999999999)"],
  ["TELEPOOL_R2_ALLOW_INSECURE_ENDPOINT", { ...NEEDED, TELEPOOL_R2_ALLOW_INSECURE_ENDPOINT: "yes" }, "(got yes)"],
])("%s is named when it is wrong or missing", (name, env, rule) => {
  const { field, message } = refusal({ ...env });
  expect([field, message]).toEqual([name, expect.stringContaining(rule)]);
  expect(message).toStartWith(name);
});

test("a file that cannot be read is told without its content", () => {
  const { TELEPOOL_R2_SECRET_ACCESS_KEY: _, ...others } = NEEDED;
  const { field } = refusal({ ...others, TELEPOOL_R2_SECRET_ACCESS_KEY_FILE: join(folder, "nowhere") });
  expect(field).toBe("TELEPOOL_R2_SECRET_ACCESS_KEY_FILE");
});

test("a message about an option names the variable that sets it, and leaves other words alone", () => {
  expect(inR2Variables("sync.bucket must be …; see sync.credentials.accessKeyId, r2.keepMs and sync.unknown")).toBe(
    "TELEPOOL_R2_BUCKET must be …; see TELEPOOL_R2_ACCESS_KEY_ID, TELEPOOL_R2_KEEP_DAYS and sync.unknown",
  );
});

/** `telepool sync` and its subcommands against a real R2. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type R2Server, startR2, startStorageProxy } from "@telepool/test-servers";
import { bucketEnv, clientOf, keysWith } from "./bucket.ts";
import { Running } from "./running.ts";
import { Sandbox } from "./sandbox.ts";

const FOREVER_MS = 2 ** 31 - 1;
const UUID = /^[0-9a-f-]{36}$/;

let r2: R2Server;
beforeAll(async () => {
  r2 = await startR2();
});
afterAll(() => r2[Symbol.asyncDispose]());

test("a sync copies all rows at first, then what has changed, and prints how much that was", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "once");
  await sandbox.run(["batch", "100"]);
  const first = await sandbox.json(["sync"], { env });
  expect(first.source).toMatch(UUID);
  expect(first).toMatchObject({ checkpoint: { rows: 101 } });
  await sandbox.run(["insert", "{}", "--member", "nolarose"]);
  const second = await sandbox.json(["sync", "--once"], { env });
  expect(second).toMatchObject({
    source: first.source,
    sequence: first.sequence + 1,
    rows: { profiles: 1, events: 0, deleted: 0 },
  });
  const { code, stdout, stderr } = await sandbox.run(["sync"], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^copy +${first.source}$`, "m"));
  expect(stdout).toMatch(/^logged +0 profiles, 0 events, 0 sessions, 0 deletions$/m);
});

test("a first copy that is interrupted says how it goes on, and does", async () => {
  await using sandbox = await Sandbox.create();
  await using proxy = await startStorageProxy(r2);
  const isPutting = Promise.withResolvers<void>();
  proxy.faults = ({ method, key }) => {
    if (method !== "PUT" || !key.includes("/profiles/")) return undefined;
    isPutting.resolve();
    return { kind: "delay", ms: FOREVER_MS };
  };
  await sandbox.run(["batch", "100"]);
  const env = bucketEnv(r2, "interrupted", proxy.endpoint);
  await using running = Running.start(sandbox, ["sync"], env);
  await isPutting.promise;
  expect(await running.end("SIGINT")).toBe(130);
  expect(running.output).toBe(
    "telepool: interrupted; what was copied stays (INTERRUPTED)\n  telepool sync goes on from there\n",
  );
  const { source } = await sandbox.json(["sync", "status"]);
  proxy.faults = () => undefined;
  expect(await sandbox.json(["sync"], { env })).toMatchObject({ source, checkpoint: { rows: 101 } });
});

test("the status tells what was never synced, what is not copied, and that the bucket agrees", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "status");
  await sandbox.run(["batch", "10"]);
  const untouched = await Bun.file(sandbox.path("telepool.db")).bytes();
  const before = await sandbox.run(["sync", "status"], { env });
  expect(before).toMatchObject({ code: 0, stderr: "" });
  expect(before.stdout).toMatch(/^copy +never synced$/m);
  expect(before.stdout).toMatch(/^bucket .* answers$/m);
  expect(await sandbox.json(["sync", "status"])).toMatchObject({ source: null, sequence: null, bucket: null });
  expect(await Bun.file(sandbox.path("telepool.db")).bytes()).toEqual(untouched);
  const { source } = await sandbox.json(["sync"], { env });
  await sandbox.run(["insert", "{}"]);
  const changed = await sandbox.json(["sync", "status"], { env });
  expect(changed).toMatchObject({ source, bucket: { ok: true, detail: "agrees" } });
  expect(changed.pendingChanges).toBeGreaterThan(0);
  const { sequence } = await sandbox.json(["sync"], { env });
  expect(await sandbox.json(["sync", "status"], { env })).toMatchObject({ source, sequence, pendingChanges: 0 });
  expect(await sandbox.json(["sync", "status"])).toMatchObject({ source, sequence, bucket: null });
});

test("the status ends with 6 when the bucket lacks what the database has put there", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "lacking");
  const client = clientOf(r2);
  await sandbox.run(["insert", "{}"]);
  await sandbox.run(["sync"], { env });
  await sandbox.run(["insert", "{}"]);
  await sandbox.run(["sync"], { env });
  for (const key of await keysWith(client, "lacking", "/log/")) await client.delete(key);
  const { code, stdout } = await sandbox.run(["sync", "status"], { env });
  expect(code).toBe(6);
  expect(stdout).toContain("its log ends at object 0, not 1");
  const sync = await sandbox.run(["sync"], { env });
  expect(sync).toMatchObject({ code: 1, stderr: expect.stringContaining("telepool sync --new-copy") });
  expect((await sandbox.run(["sync", "--new-copy"], { env })).code).toBe(0);
  expect((await sandbox.run(["sync", "status"], { env })).code).toBe(0);
});

test("verify compares with the database, finds a corrupted object and a deleted one, and ends with 4", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "verify");
  const client = clientOf(r2);
  await sandbox.run(["batch", "50"]);
  await sandbox.run(["sync"], { env });
  for (const id of ["a", "b"]) {
    await sandbox.run(["insert", "{}", "--id", id]);
    await sandbox.run(["sync"], { env });
  }
  expect(await sandbox.json(["sync", "verify"], { env })).toMatchObject({ level: "database", ok: true, sequence: 2 });
  expect(await sandbox.json(["sync", "verify", "--offline"], { env })).toMatchObject({ level: "get", ok: true });
  expect(await sandbox.json(["sync", "verify", "--level", "restore"], { env })).toMatchObject({ ok: true });
  const [log = ""] = await keysWith(client, "verify", "/log/");
  const bytes = await client.file(log).bytes();
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await client.write(log, bytes);
  expect((await sandbox.run(["sync", "verify", "--level", "list"], { env })).code).toBe(0);
  const corrupted = await sandbox.run(["sync", "verify", "--level", "get"], { env });
  expect(corrupted).toMatchObject({ code: 4, stderr: expect.stringContaining(`telepool: ${log}: `) });
  expect(corrupted.stdout).toMatch(/^ok +no, findings: \d+$/m);
  await client.delete(log);
  const deleted = await sandbox.run(["sync", "verify", "--level", "list", "--json"], { env });
  expect({ code: deleted.code, stderr: deleted.stderr }).toEqual({ code: 4, stderr: "" });
  expect(JSON.parse(deleted.stdout)).toMatchObject({
    ok: false,
    findings: [{ where: log, problem: "it is missing" }],
  });
});

test("without a database verify reads the copy alone; with another one's --source it does not compare", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "alone");
  await sandbox.run(["insert", "{}"]);
  const { source } = await sandbox.json(["sync"], { env });
  const elsewhere = ["--db", "sqlite://./nothing.db"];
  expect(await sandbox.json(["sync", "verify", ...elsewhere], { env })).toMatchObject({ level: "get", source });
  expect(await Bun.file(sandbox.path("nothing.db")).exists()).toBe(false);
  const level = ["sync", "verify", "--level", "database"];
  expect((await sandbox.run([...level, ...elsewhere], { env })).stderr).toContain("no database that was copied");
  expect((await sandbox.run([...level, "--offline"], { env })).stderr).toContain("--offline leaves alone");
  await sandbox.run(["sync", "--new-copy"], { env });
  expect(await sandbox.json(["sync", "verify", "--source", source], { env })).toMatchObject({ level: "get", source });
  const both = await sandbox.run([...level, "--source", source], { env });
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("--source names another") });
});

test("the proof and the checkpoint are printed, and the status has them", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "proof");
  await sandbox.run(["batch", "20"]);
  const { stdout } = await sandbox.run(["sync", "prove"], { env });
  expect(stdout).toMatch(/^proven +yes$/m);
  expect(await sandbox.json(["sync", "checkpoint"], { env })).toMatchObject({ rows: 21 });
  expect(await sandbox.json(["sync", "status"], { env })).toMatchObject({
    checkpoint: { rows: 21 },
    proof: { ok: true, rows: 21 },
  });
});

test("two copies below a prefix are listed, and one of them must be named", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "two");
  expect((await sandbox.run(["sync", "list"], { env })).stdout).toBe("there is no copy here\n");
  await sandbox.run(["insert", "{}"]);
  const { source: old } = await sandbox.json(["sync"], { env });
  const { source: fresh } = await sandbox.json(["sync", "--new-copy"], { env });
  const copies = await sandbox.json(["sync", "list"], { env });
  expect(copies.map(({ source }: { source: string }) => source)).toEqual([old, fresh]);
  const { stdout } = await sandbox.run(["sync", "list"], { env });
  expect(stdout).toMatch(new RegExp(`^${old}  sqlite ${sandbox.path("telepool.db")} `, "m"));
  const typo = await sandbox.run(["sync", "--new-copy", "--bucket", "elsewhere"], { env });
  expect(typo.code).toBe(3);
  expect(await sandbox.json(["sync", "status"])).toMatchObject({ source: fresh });
  const unnamed = await sandbox.run(["sync", "verify", "--offline"], { env });
  expect(unnamed.code).toBe(3);
  for (const text of ["--source", old, fresh]) expect(unnamed.stderr).toContain(text);
  const named = await sandbox.json(["sync", "verify", "--offline", "--source", old], { env });
  expect(named).toMatchObject({ source: old, ok: true });
});

test("off forgets the copy once --yes is given, and leaves it in the bucket", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "off");
  await sandbox.run(["insert", "{}"]);
  const { source } = await sandbox.json(["sync"], { env });
  expect(await sandbox.run(["sync", "off"])).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  expect((await sandbox.run(["sync", "off", "--yes"])).stdout).toContain(`${source} stays in the bucket`);
  expect(await sandbox.json(["sync", "status"])).toMatchObject({ source: null });
  expect((await sandbox.run(["sync", "off", "--yes"])).stdout).toContain("never synced");
  expect((await sandbox.run(["insert", "{}"])).code).toBe(0);
  expect(await sandbox.json(["sync", "list"], { env })).toMatchObject([{ source }]);
});

test("a setting that is wrong is named as it was made, and no secret is shown", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "wrong");
  await sandbox.run(["insert", "{}"]);
  await sandbox.write("secret.txt", "hunter2\n");
  const { TELEPOOL_R2_SECRET_ACCESS_KEY: secret = "", ...rest } = env;
  const wrongs: [string[], Record<string, string>, number, string][] = [
    [["sync"], { ...rest, TELEPOOL_R2_SECRET_ACCESS_KEY: "hunter2" }, 3, "TELEPOOL_R2_SECRET_ACCESS_KEY: "],
    [["sync"], { ...rest, TELEPOOL_R2_SECRET_ACCESS_KEY_FILE: "secret.txt" }, 3, "_SECRET_ACCESS_KEY_FILE: "],
    [["sync"], { ...env, TELEPOOL_R2_ACCESS_KEY_ID: "nobody" }, 3, "TELEPOOL_R2_ACCESS_KEY_ID: "],
    [["sync"], rest, 2, "TELEPOOL_R2_SECRET_ACCESS_KEY is missing"],
    [["sync", "list"], { ...env, TELEPOOL_R2_BUCKET: "elsewhere" }, 3, "TELEPOOL_R2_BUCKET: there is no bucket"],
    [["sync", "list", "--bucket", "elsewhere"], env, 3, "--bucket: there is no bucket"],
    [["sync", "--bucket", "elsewhere", "list"], env, 3, "--bucket: there is no bucket"],
    [["sync", "list", "--account-id", "mine"], env, 2, "--account-id: must be 32 hexadecimal digits"],
    [["sync", "list", "--prefix", "../up"], env, 2, "--prefix must be"],
    [["sync", "list", "--endpoint", "http://127.0.0.1:1"], env, 3, "check the network and --endpoint"],
    [["restore", "--into", "sqlite://./x.db", "--prefix", "empty"], env, 3, "there is no copy at"],
    [["restore", "--into", "sqlite://./x.db"], {}, 2, "set TELEPOOL_R2_BUCKET, or give --bucket"],
  ];
  for (const [args, variables, code, text] of wrongs) {
    const run = await sandbox.run(args, { env: variables });
    expect({ ...run, args }).toEqual({ code, stdout: "", stderr: expect.stringContaining(text), args });
    expect(run.stderr).not.toMatch(new RegExp(`hunter2|${secret}`));
  }
  expect(await Bun.file(sandbox.path("x.db")).exists()).toBe(false);
});

test("a secret may stand in a file, and a flag comes before its variable", async () => {
  await using sandbox = await Sandbox.create();
  const { TELEPOOL_R2_SECRET_ACCESS_KEY: secret = "", ...rest } = bucketEnv(r2, "flagged");
  await sandbox.write("secret.txt", `${secret}\n`);
  await sandbox.run(["insert", "{}"]);
  const env = { ...rest, TELEPOOL_R2_SECRET_ACCESS_KEY_FILE: "secret.txt", TELEPOOL_R2_BUCKET: "elsewhere" };
  const flags = ["--bucket", r2.bucket, "--prefix", "by-flag"];
  expect((await sandbox.json(["sync", ...flags], { env })).location).toEndWith(`/${r2.bucket}/by-flag/`);
  expect((await sandbox.json(["sync", "list", ...flags], { env })).length).toBe(1);
});

test("the doctor looks at the bucket, if there is one", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "doctor");
  await sandbox.run(["insert", "{}"]);
  expect((await sandbox.json(["doctor"], { env })).at(-1)).toMatchObject({ check: "bucket", status: "ok" });
  const missing = await sandbox.run(["doctor"], { env: { ...env, TELEPOOL_R2_BUCKET: "elsewhere" } });
  expect(missing.code).toBe(6);
  expect(missing.stdout).toMatch(/^bucket +fail +TELEPOOL_R2_BUCKET: there is no bucket/m);
  const { TELEPOOL_R2_BUCKET: _, ...stray } = env;
  expect((await sandbox.run(["doctor"], { env: stray })).stdout).toContain("TELEPOOL_R2_BUCKET is missing");
});

test.each([
  [["sync", "--watch", "--once"], "cannot be used with option"],
  [["sync", "--watch", "--new-copy"], "cannot be used with option"],
  [["sync", "--interval", "5s"], "--interval says how often --watch copies"],
  [["sync", "--watch", "--interval", "1ms"], "--interval must be at least 100 ms"],
  [["sync", "--watch", "status"], "do not go with status"],
  [["sync", "statsu"], "unknown command 'sync statsu'"],
  [["sync", "verify", "--level", "deep"], "Allowed choices are list, get, database, restore"],
  [["restore"], "required option '--into <url>' not specified"],
  [["restore", "--into", "x.db"], "write sqlite://./name.db"],
  [["restore", "--into", "sqlite://./x.db", "--to", "soon"], "It must be the number of an object"],
])("%p is wrong usage", async (args, text) => {
  await using sandbox = await Sandbox.create();
  const run = await sandbox.run(args, { env: bucketEnv(r2, "usage") });
  expect(run).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining(text) });
});

test("every subcommand has a help with an example", async () => {
  await using sandbox = await Sandbox.create();
  for (const name of ["status", "list", "verify", "prove", "checkpoint", "off"]) {
    const { code, stdout } = await sandbox.run(["sync", name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  $ telepool sync ${name}`);
    expect(stdout).not.toContain("--watch  ");
  }
});

test("the brief's script copies from the root of the repository", async () => {
  await using sandbox = await Sandbox.create();
  const env = { ...bucketEnv(r2, "brief"), TELEPOOL_DB_URL: `sqlite://${sandbox.path("brief.db")}` };
  const cwd = join(import.meta.dir, "../../..");
  await sandbox.run(["insert", "{}"], { env });
  const { code, stdout } = await sandbox.command([process.execPath, "run", "pool-sync"], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^checkpoint +2 rows/m);
});

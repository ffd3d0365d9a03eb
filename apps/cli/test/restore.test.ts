/** `telepool restore` against a real R2. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type R2Server, startR2, startStorageProxy } from "@telepool/test-servers";
import { bucketEnv, clientOf, keysWith } from "./bucket.ts";
import { Running } from "./running.ts";
import { Sandbox } from "./sandbox.ts";

const DAYS = 8;

let r2: R2Server;
beforeAll(async () => {
  r2 = await startR2();
});
afterAll(() => r2[Symbol.asyncDispose]());

/** Whether two databases hold the same, as `telepool copy` compares them. */
async function isSame(sandbox: Sandbox, from: string, to: string): Promise<boolean> {
  const names = ["--from", `sqlite://./${from}.db`, "--to", `sqlite://./${to}.db`];
  const { verified, profiles, events, sessions } = await sandbox.json(["copy", ...names, "--resume"]);
  return verified && profiles.copied + events.copied + sessions.copied === 0;
}

/** The ids of a database's profiles. */
async function idsIn(sandbox: Sandbox, name: string): Promise<string[]> {
  const profiles: { id: string }[] = await sandbox.json(["query", "--profiles", "--db", `sqlite://./${name}.db`]);
  return profiles.map(({ id }) => id).sort();
}

test("a copy comes back into a database that is made for it, and that begins a copy of its own beside the old", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "back");
  await sandbox.run(["batch", "500"]);
  const { source } = await sandbox.json(["sync"], { env });
  await sandbox.run(["prune", "--max-rows", "300"]);
  await sandbox.run(["sync"], { env });
  const { code, stdout, stderr } = await sandbox.run(["restore", "--into", "sqlite://./back.db"], { env });
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^into +sqlite ${sandbox.path("back.db")}$`, "m"));
  expect(stderr).toContain("point TELEPOOL_DB_URL at it");
  expect(await isSame(sandbox, "telepool", "back")).toBe(true);
  const next = await sandbox.json(["sync", "--db", "sqlite://./back.db"], { env });
  expect(next.source).not.toBe(source);
  const copies = await sandbox.json(["sync", "list"], { env });
  expect(copies).toMatchObject([
    { source, restoredFrom: null },
    { source: next.source, restoredFrom: { source, sequence: 1 } },
  ]);
});

test("a restore goes up to an object, or up to a time", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "points");
  const times: string[] = [];
  for (const id of ["a", "b", "c"]) {
    await sandbox.run(["insert", "{}", "--id", id]);
    await sandbox.run(["sync"], { env });
    const { committedAt } = await sandbox.json(["sync", "status"]);
    times.push(new Date(committedAt ?? 0).toISOString());
  }
  const restore = ["restore", "--into", "sqlite://./point.db", "--replace", "--to"];
  const [, ofB = ""] = times;
  expect(await sandbox.json([...restore, "1"], { env })).toMatchObject({ sequence: 1 });
  expect(await idsIn(sandbox, "point")).toEqual(["a", "b"]);
  expect(await sandbox.json([...restore, "0"], { env })).toMatchObject({ sequence: 0 });
  expect(await idsIn(sandbox, "point")).toEqual(["a"]);
  expect(await sandbox.json([...restore, ofB], { env })).toMatchObject({ sequence: 1 });
  expect(await idsIn(sandbox, "point")).toEqual(["a", "b"]);
  expect(await sandbox.json([...restore, "now"], { env })).toMatchObject({ sequence: 2 });
  expect(await idsIn(sandbox, "point")).toEqual(["a", "b", "c"]);
  expect(await sandbox.run([...restore, "99"], { env })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("--to: the log of the copy ends with 2"),
  });
  expect(await sandbox.run([...restore, "7d"], { env })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("--to: the copy can be restored as of object 0"),
  });
  expect(await idsIn(sandbox, "point")).toEqual(["a", "b", "c"]);
});

test("a database that holds rows is refused without --replace, and stays as it is", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "refused");
  await sandbox.run(["insert", "{}", "--id", "copied"]);
  await sandbox.run(["sync"], { env });
  await sandbox.run(["insert", "{}", "--id", "own", "--db", "sqlite://./own.db"]);
  const restore = ["restore", "--into", "sqlite://./own.db"];
  const refused = await sandbox.run(restore, { env });
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("(--replace)") });
  expect(await idsIn(sandbox, "own")).toEqual(["own"]);
  expect((await sandbox.run([...restore, "--replace"], { env })).code).toBe(0);
  expect(await idsIn(sandbox, "own")).toEqual(["copied"]);
});

test("a checkpoint with a damaged part is left out by the name of its folder, and an older one is taken", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "ignored");
  await sandbox.run(["batch", "50"]);
  await sandbox.run(["sync"], { env });
  await sandbox.run(["batch", "30"]);
  await sandbox.run(["sync"], { env }); // so that the next checkpoint begins behind another object
  await sandbox.run(["sync", "checkpoint"], { env });
  const client = clientOf(r2);
  const part = (await keysWith(client, "ignored", "/data/00000000000000000001-")).at(-1) ?? "";
  await client.delete(part);
  const [, folder = "none"] = /\/data\/([^/]+)\//.exec(part) ?? [];
  const restore = ["restore", "--into", "sqlite://./back.db"];
  expect(await sandbox.run(restore, { env })).toMatchObject({ code: 1, stderr: expect.stringContaining(folder) });
  expect((await sandbox.run([...restore, "--replace", "--ignore-checkpoint", folder], { env })).code).toBe(0);
  expect(await isSame(sandbox, "telepool", "back")).toBe(true);
});

/** A folder with a database of several days, and thus a copy in several objects. */
async function copiedDays(prefix: string): Promise<Sandbox> {
  const sandbox = await Sandbox.create();
  const rows = Array.from({ length: DAYS * 20 }, (_, n) => {
    const timestamp = Date.UTC(2026, 10, 1 + (n % DAYS));
    return `${JSON.stringify({ id: `row-${n}`, session: "s", profile: { n }, member: "m", document: "d", timestamp })}\n`;
  });
  await sandbox.run(["import", "-"], { stdin: rows.join("") });
  await sandbox.run(["sync"], { env: bucketEnv(r2, prefix) });
  return sandbox;
}

test.each([
  ["SIGKILL", 137],
  ["SIGINT", 130],
] as const)(
  "a restore that %s ends in the middle says that it is not whole, and goes on when it is run again",
  async (signal, code) => {
    const prefix = `broken-${signal.toLowerCase()}`;
    await using sandbox = await copiedDays(prefix);
    await using proxy = await startStorageProxy(r2);
    const isHalfway = Promise.withResolvers<void>();
    let parts = 0;
    proxy.faults = ({ method, key }) => {
      if (method !== "GET" || !key.includes("/data/") || ++parts <= DAYS / 2) return undefined;
      isHalfway.resolve();
      return { kind: "stall" };
    };
    const env = bucketEnv(r2, prefix, proxy.endpoint);
    const restore = ["restore", "--into", "sqlite://./back.db"];
    await using running = Running.start(sandbox, restore, env);
    await isHalfway.promise;
    expect(await running.end(signal)).toBe(code);
    const hint = "the same command goes on from there";
    expect(running.output.includes(hint)).toBe(signal === "SIGINT");
    const status = await sandbox.run(["sync", "status", "--db", "sqlite://./back.db"]);
    expect(status).toMatchObject({ code: 6, stdout: expect.stringMatching(/^restore +broke off/m) });
    const doctor = await sandbox.run(["doctor", "--db", "sqlite://./back.db"]);
    expect(doctor).toMatchObject({ code: 6, stdout: expect.stringMatching(/^restore +fail .*broke off/m) });
    proxy.faults = () => undefined;
    const sync = await sandbox.run(["sync", "--db", "sqlite://./back.db"], { env });
    expect(sync).toMatchObject({ code: 3, stderr: expect.stringContaining("(RESTORE_UNFINISHED)") });
    const off = await sandbox.run(["sync", "off", "--yes", "--db", "sqlite://./back.db"]);
    expect(off).toMatchObject({ code: 2, stderr: expect.stringContaining("broke off") });
    const result = await sandbox.json(restore, { env });
    expect(result).toMatchObject({ resumed: true });
    expect(result.rows).toBeLessThan(DAYS * 20);
    expect(await isSame(sandbox, "telepool", "back")).toBe(true);
    expect((await sandbox.run(["sync", "status", "--db", "sqlite://./back.db"])).code).toBe(0);
  },
);

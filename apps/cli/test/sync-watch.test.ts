/** `telepool sync --watch` beside other programs, against a real R2. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type R2Server, startR2, startStorageProxy } from "@telepool/test-servers";
import { bucketEnv } from "./bucket.ts";
import { Running } from "./running.ts";
import { Sandbox } from "./sandbox.ts";

const WATCH = ["sync", "--watch", "--interval"];

let r2: R2Server;
beforeAll(async () => {
  r2 = await startR2();
});
afterAll(() => r2[Symbol.asyncDispose]());

test.each(["SIGTERM", "SIGINT"] as const)(
  "what another program has stored just before %s is in the copy",
  async (signal) => {
    const env = bucketEnv(r2, `flush-${signal.toLowerCase()}`);
    await using sandbox = await Sandbox.create();
    await sandbox.run(["insert", "{}"]);
    await using running = Running.start(sandbox, [...WATCH, "1h"], env);
    await running.until("everything is copied, up to object 0\n");
    expect(running.output).toMatch(/^the copy is \S{36}, in http/m);
    await sandbox.run(["batch", "400"]);
    expect(await running.end(signal)).toBe(0);
    expect(running.output).toEndWith("stopped; everything is copied, up to object 1\n");
    expect(await sandbox.json(["sync", "status"])).toMatchObject({ sequence: 1, pendingChanges: 0 });
    await sandbox.run(["restore", "--into", "sqlite://./back.db"], { env });
    const { stdout: stored } = await sandbox.run(["export"]);
    expect((await sandbox.run(["export", "--db", "sqlite://./back.db"])).stdout).toBe(stored);
  },
);

test("a line is printed for an error and for its end, not for every cycle", async () => {
  await using sandbox = await Sandbox.create();
  await using proxy = await startStorageProxy(r2);
  await sandbox.run(["insert", "{}"]);
  await using running = Running.start(sandbox, [...WATCH, "100ms"], bucketEnv(r2, "errors", proxy.endpoint));
  await running.until("everything is copied");
  proxy.faults = ({ method, key }) =>
    method === "PUT" && key.includes("/log/") ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
  await sandbox.run(["insert", "{}"]);
  await running.until("(PERMISSION_DENIED); trying again\n");
  proxy.faults = () => undefined;
  await running.until("copying again; everything up to object 1 is there\n");
  expect(await running.end("SIGTERM")).toBe(0);
  const kinds = running.output.split("\n").map((line) => line.slice(0, 12));
  expect(kinds).toEqual([
    ...["the copy is ", "a checkpoint", "everything i", "telepool: Pu", "copying agai", "stopped; eve"],
    "",
  ]);
});

test("an end at which the bucket cannot be written says what is left, and is 4", async () => {
  await using sandbox = await Sandbox.create();
  await using proxy = await startStorageProxy(r2);
  const env = bucketEnv(r2, "left", proxy.endpoint);
  await sandbox.run(["insert", "{}"]);
  await using running = Running.start(sandbox, [...WATCH, "1h", "--json"], env);
  await running.until('"event":"copied"');
  proxy.faults = ({ method }) => (method === "PUT" ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined);
  await sandbox.run(["insert", "{}"]);
  expect(await running.end("SIGTERM")).toBe(4);
  const lines = running.output.trim().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ event: "stopped", sequence: 0 });
  proxy.faults = () => undefined;
  expect(await sandbox.json(["sync"], { env })).toMatchObject({ sequence: 1, rows: { profiles: 1 } });
});

test("of two that watch one database the second waits, and takes over when the first has ended", async () => {
  await using sandbox = await Sandbox.create();
  const env = bucketEnv(r2, "held");
  await sandbox.run(["insert", "{}"]);
  await using first = Running.start(sandbox, [...WATCH, "200ms"], env);
  await first.until("everything is copied");
  await using second = Running.start(sandbox, [...WATCH, "200ms"], env);
  await second.until("another process copies this database; waiting\n");
  expect(await first.end("SIGTERM")).toBe(0);
  await second.until("the other process has stopped; copying\n");
  await sandbox.run(["insert", "{}"]);
  expect(await second.end("SIGTERM")).toBe(0);
  expect(await sandbox.json(["sync", "verify"], { env })).toMatchObject({ ok: true });
});

/** Processes that copy and are killed, each in the middle of a request; in the end the copy is the database. */

import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool } from "@telepool/core";
import { R2Archive } from "../../src/r2-archive.ts";
import { R2Sync } from "../../src/r2-sync.ts";
import { type Bench, openBench } from "../bucket/r2-fixture.ts";
import { emptyStore, rowsOf, syncOptions } from "./copy-bench.ts";

const WRITER = join(import.meta.dir, "..", "fixtures", "copied-writer.ts");

/** Runs a writer until it has sent so many objects; the last one is stored, and nobody hears of it. */
async function runUntilPut(bench: Bench, path: string, puts: number): Promise<string> {
  const options = { ...syncOptions(bench), intervalMs: 40, maxBatchBytes: 4096, graceMs: 0, keepMs: 0 };
  const command = [process.execPath, WRITER, path, `until-${puts}`, JSON.stringify(options)];
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe" });
  let left = puts;
  bench.proxy.faults = ({ method }) => {
    if (method === "PUT" && --left === 0) child.kill("SIGKILL");
    return undefined;
  };
  await child.exited;
  bench.proxy.faults = () => undefined;
  return await new Response(child.stderr).text();
}

test("after processes that were killed while they copied, the copy is the database", async () => {
  await using bench = await openBench();
  const folder = await mkdtemp(join(tmpdir(), "telepool-killed-"));
  try {
    const path = join(folder, "store.db");
    for (const puts of [2, 6, 25, 31, 44]) expect(await runUntilPut(bench, path, puts)).toBe("");
    await using store = createPool("sqlite", { path });
    await using sync = new R2Sync(syncOptions(bench));
    await sync.attach(store);
    await sync.now();
    await using target = emptyStore();
    await new R2Archive(bench.bucket, bench.prefix).restore(target);
    const rows = await rowsOf(target);
    expect(rows.size).toBeGreaterThan(200);
    expect(rows).toEqual(await rowsOf(store));
    expect(await sync.verify("database")).toMatchObject({ ok: true, findings: [] });
    expect(await sync.verify("restore")).toMatchObject({ ok: true, findings: [] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

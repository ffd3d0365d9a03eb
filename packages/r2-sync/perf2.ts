import { rmSync } from "node:fs";
import { createPool } from "@telepool/core";
import { startR2 } from "@telepool/test-servers";
import { R2Sync } from "./src/index.ts";

await using r2 = await startR2();
const where = { bucket: r2.bucket, endpoint: r2.endpoint, credentials: r2.credentials };
const rows = (n: number, o = 0) =>
  Array.from({ length: n }, (_, i) => ({
    session: `s${(i + o) % 1000}`,
    profile: {
      test: i + o,
      latency: Math.random() * 100,
      name: "profile number " + i,
      tags: ["a", "b", "c"],
      deep: { x: 1, y: [1, 2, 3], text: crypto.randomUUID().repeat(3) },
    },
    member: `m${i % 50}`,
    document: `d${i % 20}.md`,
    timestamp: 1.76e12 + (i + o) * 10,
  }));
for (const e of ["", "-wal", "-shm"]) rmSync("/tmp/perf.db" + e, { force: true });
const off = createPool("sqlite", { path: "/tmp/perf.db" });
const sync = new R2Sync({ ...where, prefix: "r", intervalMs: 0 });
const pool = createPool("sqlite", { path: "/tmp/perf.db", sync });
await pool.syncToR2();
const N = Number(process.env.N ?? 4);
const { Profiler } = {} as any;
for (let k = 0; k < N; k++) {
  await pool.importProfiles(rows(100000, k * 100000));
  const c0 = process.cpuUsage();
  const t = performance.now();
  await pool.syncToR2();
  const ms = performance.now() - t;
  const c = process.cpuUsage(c0);
  console.log("sync", ms.toFixed(0), "cpu user", (c.user / 1000).toFixed(0), "sys", (c.system / 1000).toFixed(0));
}
await pool.close();

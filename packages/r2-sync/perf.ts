import { rmSync } from "node:fs";
import { createPool } from "@telepool/core";
import { startR2 } from "@telepool/test-servers";
import { R2Archive, R2Sync } from "./src/index.ts";

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
for (let round = 0; round < 4; round++) {
  for (const e of ["", "-wal", "-shm"]) {
    rmSync("/tmp/perf.db" + e, { force: true });
    rmSync("/tmp/dst.db" + e, { force: true });
    rmSync("/tmp/imp.db" + e, { force: true });
  }
  const sync = new R2Sync({ ...where, prefix: "r" + round, intervalMs: 0 });
  const pool = createPool("sqlite", { path: "/tmp/perf.db", sync });
  await pool.syncToR2();
  await pool.importProfiles(rows(100000));
  let t = performance.now();
  const r = await pool.syncToR2();
  const syncMs = performance.now() - t;
  // bare
  const archive = new R2Archive({ ...where, prefix: "r" + round });
  const b = archive.bucket;
  const objs: Uint8Array[] = [];
  for await (const page of b.list(`r${round}/v1/${r.source}/log/`))
    for (const o of page) objs.push((await b.get(o.key))!.content);
  t = performance.now();
  let i = 0;
  for (const o of objs) await b.put(`bare${round}/${i++}`, o, { ifAbsent: true });
  const putMs = performance.now() - t;
  console.log(
    "sync",
    syncMs.toFixed(0),
    "put",
    putMs.toFixed(0),
    "ratio",
    (syncMs / putMs).toFixed(2),
    "objects",
    objs.length,
    "bytes",
    objs.reduce((s, o) => s + o.length, 0),
  );
  const dst = createPool("sqlite", { path: "/tmp/dst.db" });
  await dst.open();
  t = performance.now();
  await archive.restore(dst);
  const restMs = performance.now() - t;
  const imp = createPool("sqlite", { path: "/tmp/imp.db" });
  await imp.open();
  const data = rows(100000).map((r) => ({ ...r, id: Bun.randomUUIDv7() }));
  t = performance.now();
  await imp.importProfiles(data);
  const impMs = performance.now() - t;
  console.log("restore", restMs.toFixed(0), "import", impMs.toFixed(0), "ratio", (impMs / restMs).toFixed(2));
  await pool.close();
  await dst.close();
  await imp.close();
  archive.close();
}

/** Copies the store in an SQLite file once, as a process: `sync-process.ts <path> <place as JSON>`; prints a `SyncRun` as JSON. */
import { memoryOf } from "../http/process-figures.ts";
import type { SyncRun } from "./backlog-case.ts";
import { classAOf, openCopiedStore } from "./copied-store.ts";

const [path = "", place = ""] = process.argv.slice(2);
const startedMs = performance.now();
const store = await openCopiedStore(path, JSON.parse(place));
const { rows, objects, bytes } = await store.syncToR2();
const seconds = (performance.now() - startedMs) / 1000;
const run: SyncRun = {
  seconds,
  peakMb: memoryOf(process.pid).peakMb,
  classA: classAOf(store),
  objects,
  bytes,
  profiles: rows.profiles,
};
await store.close();
console.log(JSON.stringify(run));

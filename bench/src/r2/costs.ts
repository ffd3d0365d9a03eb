/**
 * What copies cost at R2, computed from what single syncs were measured to put and ask. Requests of class A (PUT, LIST) and
 * storage are billed; traffic and deletes are free, and reads, which a copy hardly makes, cost a twelfth.
 *
 * A store that is written to steadily is copied every ten seconds. To one object for each of these times come
 * `telemetry-pool.json` every five minutes and a checkpoint when the log has 10 000 objects behind it or after seven days, behind
 * which retention lists what the bucket has of the last 31 days.
 */
import type { Result } from "../report.ts";
import type { SyncRun } from "./backlog-case.ts";

const CENTS_OF_CLASS_A = 450 / 1e6;
const CENTS_OF_GB_MONTH = 1.5;

/** The defaults of a sync. */
const INTERVAL_S = 10;
const SUMMARY_EVERY_S = 300;
const CHECKPOINT_EVERY_OBJECTS = 10_000;
const CHECKPOINT_EVERY_S = 7 * 86_400;
const KEPT_S = 31 * 86_400;
const OBJECTS_IN_LISTING = 1000;

/** What is put, asked and kept. */
export interface Usage {
  readonly classA: number;
  readonly bytesPut: number;
  readonly bytesKept: number;
}

/** What one small sync was measured to take, and a profile as JSON. */
export interface Trickle {
  readonly rowsInSync: number;
  readonly classAOfSync: number;
  readonly bytesOfSync: number;
  readonly bytesOfSummary: number;
  readonly bytesAsJson: number;
}

/** Everything at once: as measured, scaled to so many profiles. */
export function backlogUsage({ classA, bytes, profiles: copied }: SyncRun, profiles: number): Usage {
  const scale = profiles / copied;
  return { classA: classA * scale, bytesPut: bytes * scale, bytesKept: bytes * scale };
}

/** As many profiles every ten seconds as the small syncs had, into a store that holds as many as the checkpoint did. */
export function trickleUsage(trickle: Trickle, checkpoint: SyncRun, profiles: number): Usage {
  const syncs = profiles / trickle.rowsInSync;
  const seconds = syncs * INTERVAL_S;
  const objects = syncs * trickle.classAOfSync;
  const summaries = seconds / SUMMARY_EVERY_S;
  const checkpoints = Math.max(objects / CHECKPOINT_EVERY_OBJECTS, seconds / CHECKPOINT_EVERY_S);
  const listings = KEPT_S / INTERVAL_S / OBJECTS_IN_LISTING;
  const bytesKept = syncs * trickle.bytesOfSync + checkpoints * checkpoint.bytes;
  return {
    classA: objects + summaries + checkpoints * (checkpoint.classA + listings),
    bytesPut: bytesKept + summaries * trickle.bytesOfSummary,
    bytesKept,
  };
}

/** The brief's way at the same rate: every ten seconds one object with all profiles as JSON, which takes the last one's place. */
export function briefUsage({ rowsInSync, bytesAsJson }: Trickle, profiles: number): Usage {
  const syncs = profiles / rowsInSync;
  const all = profiles * bytesAsJson;
  return { classA: syncs, bytesPut: (all * (syncs + 1)) / 2, bytesKept: all };
}

/** In US cents: the requests, once, and the storage, a month. */
export function centsOf({ classA, bytesKept }: Usage): { readonly requests: number; readonly month: number } {
  return { requests: classA * CENTS_OF_CLASS_A, month: (bytesKept / 1e9) * CENTS_OF_GB_MONTH };
}

/** The usages of subjects as results. */
export function costResults(name: string, usages: Readonly<Record<string, Usage>>): Result[] {
  const rows = (what: string, unit: string, of: (usage: Usage) => number): Result[] =>
    Object.entries(usages).map(([subject, usage]) => {
      const value = of(usage);
      return { suite: "r2", name: `${name}: ${what}`, subject, unit, median: value, min: value, max: value, n: 1 };
    });
  return [
    ...rows("class A", "requests", ({ classA }) => classA),
    ...rows("put", "MB", ({ bytesPut }) => bytesPut / 1e6),
    ...rows("kept", "MB", ({ bytesKept }) => bytesKept / 1e6),
    ...rows("requests", "US cents", (usage) => centsOf(usage).requests),
    ...rows("a month of storage", "US cents", (usage) => centsOf(usage).month),
  ];
}

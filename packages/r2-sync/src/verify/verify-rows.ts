/**
 * Compares the rows of a store with those of its copy. The store may be written to meanwhile: a row that differs is a finding only
 * if the log did not speak of it again after the copy was read.
 */
import { abortedError } from "@telepool/core";
import type { TableName, TableScan } from "@telepool/core/sync";
import type { CopyReading } from "../restore/read-copy.ts";
import type { RestorePlan } from "../restore/restore-plan.ts";
import { digestOf, foldCopy, isIn, type Share, sharesOf } from "./fold-copy.ts";
import type { Findings } from "./verify-report.ts";

/** A row that is not the same in the copy. */
interface Suspect {
  readonly table: TableName;
  readonly id: string;
  readonly problem: string;
}

/** So many suspects are looked at again together. */
const MAX_SUSPECTS = 10_000;

/** What comparing works with. */
export interface CompareDeps {
  readonly plan: RestorePlan;
  readonly reading: CopyReading;
  readonly tables: TableScan;
  readonly findings: Findings;
  /** The rows that the log spoke of since the plan was made, as `<table>/<id>`; called when some were found to differ. */
  readonly changedSince: () => Promise<ReadonlySet<string>>;
  readonly signal: AbortSignal | undefined;
}

/** Compares all rows; gives back how many the store has. */
export async function verifyRows(deps: CompareDeps): Promise<number> {
  let rows = 0;
  const of = sharesOf(deps.plan);
  for (let number = 0; number < of; number++) rows += await compareShare({ number, of }, deps);
  return rows;
}

/** Those that are not the same, until it is known whether they have changed. */
class Suspects {
  readonly #deps: CompareDeps;
  #listed: Suspect[] = [];

  constructor(deps: CompareDeps) {
    this.#deps = deps;
  }

  async add(suspect: Suspect): Promise<void> {
    this.#listed.push(suspect);
    if (this.#listed.length >= MAX_SUSPECTS) await this.settle();
  }

  /** Those of which the log has not spoken again are findings. */
  async settle(): Promise<void> {
    if (this.#listed.length === 0) return;
    const { findings, changedSince } = this.#deps;
    const changed = await changedSince();
    for (const { table, id, problem } of this.#listed) {
      if (!changed.has(`${table}/${id}`)) findings.add(`${table}/${id}`, problem);
    }
    this.#listed = [];
  }
}

async function compareShare(share: Share, deps: CompareDeps): Promise<number> {
  const { plan, reading, tables, signal } = deps;
  const suspects = new Suspects(deps);
  const digests = await foldCopy(plan, reading, share);
  let rows = 0;
  for (const table of ["profiles", "analytics", "sessions"] as const) {
    const copied = digests[table];
    for await (const page of tables.rows(table)) {
      for (const row of page.rows) {
        if (!isIn(share, row.id)) continue;
        rows++;
        const digest = copied.get(row.id);
        copied.delete(row.id);
        if (digest === digestOf(table, row)) continue;
        const problem =
          digest === undefined ? "it is in the database, and not in the copy" : "it differs from the copy";
        await suspects.add({ table, id: row.id, problem });
      }
      await new Promise<void>((resolve) => setImmediate(resolve)); // others get their turn
      if (signal?.aborted) throw abortedError(signal, "the verification");
    }
    for (const id of copied.keys()) {
      await suspects.add({ table, id, problem: "it is in the copy, and not in the database" });
    }
  }
  await suspects.settle();
  return rows;
}

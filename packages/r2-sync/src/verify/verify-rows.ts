/**
 * Compares the rows of a store with those of its copy. The store may be written to meanwhile: a row that differs is a finding only
 * if the log did not speak of it again after the copy was read.
 */
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

/** Suspects that are kept to be looked at again. */
const MAX_SUSPECTS = 10_000;

/** What comparing works with. */
export interface CompareDeps {
  readonly plan: RestorePlan;
  readonly reading: CopyReading;
  readonly tables: TableScan;
  readonly findings: Findings;
  /** The rows that the log spoke of since the plan was made, as `<table>/<id>`; called when all rows have been compared. */
  readonly changedSince: () => Promise<ReadonlySet<string>>;
}

/** Compares all rows; gives back how many the store has. */
export async function verifyRows({ plan, reading, tables, findings, changedSince }: CompareDeps): Promise<number> {
  const suspects: Suspect[] = [];
  let unkept = 0;
  let rows = 0;
  const of = sharesOf(plan);
  for (let number = 0; number < of; number++) {
    rows += await compareShare({ number, of }, { plan, reading, tables }, (suspect) => {
      if (suspects.length < MAX_SUSPECTS) suspects.push(suspect);
      else unkept++;
    });
  }
  const changed = suspects.length === 0 ? new Set<string>() : await changedSince();
  for (const { table, id, problem } of suspects) {
    if (!changed.has(`${table}/${id}`)) findings.add(`${table}/${id}`, problem);
  }
  if (unkept > 0)
    findings.add("all tables", `${unkept} more rows differ, of which it is not known whether they changed meanwhile`);
  return rows;
}

async function compareShare(
  share: Share,
  { plan, reading, tables }: Pick<CompareDeps, "plan" | "reading" | "tables">,
  suspect: (suspect: Suspect) => void,
): Promise<number> {
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
        if (digest === undefined) suspect({ table, id: row.id, problem: "it is in the database, and not in the copy" });
        else if (digest !== digestOf(table, row)) suspect({ table, id: row.id, problem: "it differs from the copy" });
      }
      await new Promise<void>((resolve) => setImmediate(resolve)); // others get their turn
    }
    for (const id of copied.keys()) suspect({ table, id, problem: "it is in the copy, and not in the database" });
  }
  return rows;
}

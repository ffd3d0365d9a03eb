/** How many rows a store was given, by what became of them. */
import type { StoredRows } from "../store/stored-rows.ts";
import type { NumberPoint } from "./metric-family.ts";

/** What became of a row. */
export type IngestOutcome = "stored" | "duplicate" | "rejected";

type Kind = StoredRows["kind"];

/** Rows since the store was made, by their kind and what became of them, whichever way they came. */
export type IngestStats = Readonly<Record<Kind, Readonly<Record<IngestOutcome, number>>>>;

/** Counts by kind and outcome. */
export class IngestCounts {
  readonly #counts: Readonly<Record<Kind, Record<IngestOutcome, number>>> = {
    profiles: { stored: 0, duplicate: 0, rejected: 0 },
    events: { stored: 0, duplicate: 0, rejected: 0 },
  };

  add(kind: Kind, outcome: IngestOutcome, rows: number): void {
    this.#counts[kind][outcome] += rows;
  }

  stats(): IngestStats {
    return { profiles: { ...this.#counts.profiles }, events: { ...this.#counts.events } };
  }

  points(): NumberPoint[] {
    return Object.entries(this.#counts).flatMap(([kind, outcomes]) =>
      Object.entries(outcomes).map(([outcome, value]) => ({
        attributes: { "telepool.kind": kind, "telepool.outcome": outcome },
        value,
      })),
    );
  }
}

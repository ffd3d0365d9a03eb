/** What a copy is asked for, and what it tells: its progress, its result, and the differences that it found. */
import type { ErrorCode } from "../errors.ts";
import type { TableSum } from "./tally.ts";

/** A kind of row. */
export type CopiedKind = "sessions" | "profiles" | "events";

/** What a copy is doing: it goes through everything twice. */
export type CopyPhase = CopiedKind | `verify ${CopiedKind}`;

/** How far a copy is. */
export interface CopyProgress {
  readonly phase: CopyPhase;
  /** Rows of the source that it has been through; each is counted twice, when it is copied and when it is verified. */
  readonly rows: number;
  /** What `rows` will be at the end, by what was counted at the start; never less than `rows`. */
  readonly totalRows: number;
  /** Rows that were written. */
  readonly copied: number;
}

/** How a copy goes. */
export interface CopyOptions {
  /** Whether the target may hold rows already: those of a copy that broke off. What is there is not written again. */
  readonly resume?: boolean;
  /** Told after every page. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Ends the copy between two pages; what was written stays. */
  readonly signal?: AbortSignal;
}

/** In what way a row is not the same on both sides. */
export type DifferenceKind =
  | { readonly kind: "different"; readonly columns: readonly string[] }
  /** It is in the target alone. */
  | { readonly kind: "extra" }
  /** It was written without an error, and is not there. */
  | { readonly kind: "missing" }
  /** The target refuses it. */
  | { readonly kind: "rejected"; readonly code: ErrorCode };

/** One row that is not the same on both sides. */
export type CopyDifference = { readonly table: CopiedKind; readonly id: string } & DifferenceKind;

/** What became of one kind of row. */
export interface CopiedTable {
  readonly source: TableSum;
  readonly target: TableSum;
  /** Rows that this copy wrote. Sessions that came with their profiles are not among them. */
  readonly copied: number;
  /** Rows that were there before it. */
  readonly skipped: number;
}

/** How a copy ended. */
export interface CopyResult {
  readonly sessions: CopiedTable;
  readonly profiles: CopiedTable;
  readonly events: CopiedTable;
  /** The first differences, at most 100. */
  readonly differences: readonly CopyDifference[];
  readonly differenceCount: number;
  /** Sessions that were written to in the source so fast that they could not be compared; they are in no sum. */
  readonly moving: number;
  /** Whether both sides hold the same rows, except for sessions that were `moving`. */
  readonly verified: boolean;
}

const MAX_LISTED = 100;

/** Counts all differences and keeps the first. */
export class Differences {
  readonly listed: CopyDifference[] = [];
  count = 0;

  add(difference: CopyDifference): void {
    this.count++;
    if (this.listed.length < MAX_LISTED) this.listed.push(difference);
  }
}

/** What a verification has looked at, and what it found. */
import { isTelepoolError, type TelepoolError } from "@telepool/core";

/**
 * How thoroughly: `list` looks whether all objects are there, in one piece and in order; `get` reads each and checks its
 * sha256, its place and its rows; `database` also compares all rows with the database; `restore` restores into a
 * scratch database, has that look through itself, and compares its rows with the copy.
 */
export type VerifyLevel = "list" | "get" | "database" | "restore";

/** Something that is not as it should be. */
export interface Finding {
  /** The object, or the row (`profiles/<id>`). */
  readonly where: string;
  readonly problem: string;
}

/** What was found. */
export interface VerifyReport {
  readonly level: VerifyLevel;
  readonly ok: boolean;
  readonly source: string;
  /** The last object of the log. */
  readonly sequence: number;
  readonly checkpoints: number;
  readonly objects: number;
  readonly bytes: number;
  /** Rows that were read or compared; 0 for `list`. */
  readonly rows: number;
  /** The first findings, at most 100. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly durationMs: number;
}

/** What a report is made of beside the findings. */
export type Verified = Pick<
  VerifyReport,
  "level" | "source" | "sequence" | "checkpoints" | "objects" | "bytes" | "rows" | "durationMs"
>;

const MAX_LISTED = 100;

/** Collects findings. */
export class Findings {
  readonly #listed: Finding[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(where: string, problem: string): void {
    this.#count++;
    if (this.#listed.length < MAX_LISTED) this.#listed.push({ where, problem });
  }

  /** The report with these findings. */
  report(verified: Verified): VerifyReport {
    return { ...verified, ok: this.isEmpty, findings: this.#listed, findingCount: this.#count };
  }

  /** Adds what a reading found; throws what has another reason. */
  addDamage(where: string, error: unknown): void {
    if (!isTelepoolError(error, "COPY_DAMAGED") && !isTelepoolError(error, "DATABASE_CORRUPT")) throw error;
    this.add(where, plainly(error, where));
  }
}

/** A message without the object that it is about. */
function plainly({ message }: TelepoolError, where: string): string {
  return message
    .replace(`the object ${where} is `, "")
    .replace(`the object ${where}`, "it")
    .replace(/^damaged: /, "");
}

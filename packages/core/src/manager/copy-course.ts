/** One copy under way: its two sides, how far it is, what differs, and whether its caller has given up. */
import { abortedError } from "../errors.ts";
import type { TableName } from "../store/raw-rows.ts";
import { type CopyOptions, type CopyPhase, Differences } from "./copy-report.ts";
import type { CopySide } from "./copy-side.ts";

/** What the program may do in one go, in bytes of rows that are looked at: some milliseconds. */
const BREATH_BYTES = 256 * 1024;

const TABLES: readonly TableName[] = ["sessions", "profiles", "analytics"];

/** The course of one copy. */
export class CopyCourse {
  readonly source: CopySide;
  readonly target: CopySide;
  readonly differences: Differences = new Differences();
  readonly #options: CopyOptions;
  #rows = 0;
  #totalRows = 0;
  #copied = 0;
  #bytesInOneGo = 0;

  constructor(source: CopySide, target: CopySide, options: CopyOptions) {
    this.source = source;
    this.target = target;
    this.#options = options;
  }

  /** Counts what there is to do. */
  async estimate(): Promise<void> {
    for (const table of TABLES) this.#totalRows += 2 * (await this.source.count(table));
  }

  /** Counts rows that were written. */
  written(rows: number): void {
    this.#copied += rows;
  }

  /** Tells of a page with `rows` rows of the source; then the event loop has a turn, and the copy ends if it must. */
  async endPage(phase: CopyPhase, rows: number): Promise<void> {
    this.#rows += rows;
    const totalRows = Math.max(this.#totalRows, this.#rows);
    this.#options.onProgress?.({ phase, rows: this.#rows, totalRows, copied: this.#copied });
    await this.#turn();
  }

  /** Gives the event loop a turn when a row of `bytes` makes it due. */
  async breathe(bytes: number): Promise<void> {
    this.#bytesInOneGo += bytes;
    if (this.#bytesInOneGo > BREATH_BYTES) await this.#turn();
  }

  /** @throws TelepoolError `ABORTED` */
  check(): void {
    const { signal } = this.#options;
    if (signal?.aborted) throw abortedError(signal, "the copy");
  }

  async #turn(): Promise<void> {
    this.#bytesInOneGo = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.check();
  }
}

/** The rows of a table in two figures: how many, and a checksum that does not depend on their order. */

/** What a table, or a part of it, amounts to. */
export interface TableSum {
  readonly rows: number;
  /** The sum of the rows' digests modulo 2^128, as 32 hexadecimal digits: equal for equal rows on every kind of database. */
  readonly checksum: string;
}

const MODULUS = 1n << 128n;

/** Adds up. */
export class Tally {
  #rows = 0;
  #sum = 0n;

  add(digest: bigint): void {
    this.#rows++;
    this.#sum = (this.#sum + digest) % MODULUS;
  }

  get sum(): TableSum {
    return { rows: this.#rows, checksum: this.#sum.toString(16).padStart(32, "0") };
  }
}

/** How much the suite `server` does of everything. */

/** The sizes of one run. */
export interface Size {
  /** Rounds of the single POSTs, from 64 connections. */
  readonly postRounds: number;
  /** Rounds of the other cases of single POSTs. */
  readonly sideRounds: number;
  /** How long single POSTs are made before they count. */
  readonly warmUpMs: number;
  /** How long single POSTs are counted. */
  readonly countedMs: number;
  readonly bulkRounds: number;
  readonly bulkRows: number;
  readonly memoryRounds: number;
  /** How long the server is left alone before its idle memory is read. */
  readonly idleMs: number;
  readonly loadedRows: number;
}

export const FULL: Size = {
  postRounds: 7,
  sideRounds: 3,
  warmUpMs: 2000,
  countedMs: 4000,
  bulkRounds: 5,
  bulkRows: 100_000,
  memoryRounds: 3,
  idleMs: 5000,
  loadedRows: 500_000,
};

/** A figure of memory and a ratio of bulk depend on the number of rows: those of a quick run are not to be quoted. */
export const QUICK: Size = {
  postRounds: 2,
  sideRounds: 1,
  warmUpMs: 500,
  countedMs: 1000,
  bulkRounds: 2,
  bulkRows: 20_000,
  memoryRounds: 1,
  idleMs: 2000,
  loadedRows: 50_000,
};

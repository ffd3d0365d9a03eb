/** How much the suite `r2` does of everything. */

/** The sizes of one run. */
export interface Size {
  /** Profiles that are noted and not copied, for one sync. */
  readonly syncRows: number;
  readonly syncRounds: number;
  /** Rounds of a sync of 100 profiles. */
  readonly smallSyncRounds: number;
  readonly restoreRows: number;
  readonly restoreRounds: number;
  /** Profiles of the processes whose memory is looked at. */
  readonly backlogRows: number;
  readonly backlogRounds: number;
  /** Profiles that are stored in lists, or by a thousand callers, with changes noted and without. */
  readonly notedRows: number;
  readonly notedSingleRows: number;
  readonly notedRounds: number;
}

export const FULL: Size = {
  syncRows: 100_000,
  syncRounds: 7,
  smallSyncRounds: 200,
  restoreRows: 100_000,
  restoreRounds: 5,
  backlogRows: 1_000_000,
  backlogRounds: 2,
  notedRows: 50_000,
  notedSingleRows: 10_000,
  notedRounds: 7,
};

/** What is done once for each sync weighs more on few rows: figures of a quick run are not to be quoted. */
export const QUICK: Size = {
  syncRows: 20_000,
  syncRounds: 2,
  smallSyncRounds: 30,
  restoreRows: 20_000,
  restoreRounds: 2,
  backlogRows: 50_000,
  backlogRounds: 1,
  notedRows: 10_000,
  notedSingleRows: 2000,
  notedRounds: 2,
};

/** What a suite is: a function from how thoroughly to measure to what was found. */
import type { SuiteOutcome } from "./report.ts";

/** How thoroughly a suite is to measure. */
export interface SuiteOptions {
  /** Fewer rounds and rows, to be done within half a minute; for a look, not for quoting. */
  readonly quick: boolean;
}

/** One suite. */
export type Suite = (options: SuiteOptions) => Promise<SuiteOutcome>;

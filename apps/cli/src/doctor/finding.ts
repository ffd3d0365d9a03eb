/** What a check of `telepool doctor` says. */

/** How a check went; `skip` where it does not apply or could not be made. */
export type Status = "ok" | "warn" | "fail" | "skip";

/** The result of one check. */
export interface Finding {
  readonly check: string;
  readonly status: Status;
  /** What was seen. */
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

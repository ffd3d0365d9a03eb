/** What the program's exit code says. The numbers are a contract with scripts: one is never given another meaning. */

/** The exit codes by name. */
export const EXIT = {
  ok: 0,
  /** The command failed. */
  failed: 1,
  /** The command line or the data that it was given is wrong; trying again without a change is of no use. */
  usage: 2,
  /** There is no database, bucket or copy, or it cannot be reached or used. */
  unreachable: 3,
  /** The command did its work, except for some rows or files that it reported; what it compared is not the same. */
  partial: 4,
  /** The command worked, and found something that needs attention. */
  findings: 6,
  /** Ended by SIGINT (Ctrl-C), as shells count it. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

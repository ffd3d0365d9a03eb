/**
 * What the pool keeps of one resource. A plain record: the pool's classes write it, nothing outside sees it.
 *
 * Invariants: `state` is `idle` exactly while the entry is linked in the idle list; what is to be retired is destroyed as
 * soon as nobody uses it; `gone` is final.
 */

/** Why a resource left the pool. */
export type DestroyReason = "idle" | "lifetime" | "invalid" | "broken" | "reset" | "destroyed" | "closed";

/** `checking`: being validated, being reset, or just created. */
export type EntryState = "idle" | "lent" | "checking" | "gone";

const LEAST_CUT = 0.025;
const MOST_CUT = 0.1;

/** A time that was not taken. */
export const UNTIMED = -1;

/** One resource and its times, all on the monotonic clock. */
export class Entry<R> {
  readonly resource: R;
  /** When it is retired for its age; `Infinity` for never. */
  readonly expiresMs: number;
  state: EntryState = "checking";
  /** Why it must be destroyed once it is free. */
  retireReason: DestroyReason | undefined = undefined;
  /** The error that came with the reason, if any. */
  retireError: unknown = undefined;
  /** When it was last given back; `UNTIMED` where the next sweep shall write it. */
  idleSinceMs: number = UNTIMED;
  /** When it was last known to work: created, given back or validated. */
  provenMs: number;
  /** When it was lent; `UNTIMED` when this use is not measured. */
  lentMs: number = UNTIMED;
  /** Where it was lent, while leaks are looked for. */
  lentStack: string | undefined = undefined;
  leakReported = false;
  wasLent = false;
  previous: Entry<R> | undefined = undefined;
  next: Entry<R> | undefined = undefined;

  /** `random` in [0, 1) cuts the lifetime by 2.5 to 10 %, so that those created together do not end together. */
  constructor(resource: R, nowMs: number, maxLifetimeMs: number, random: number) {
    this.resource = resource;
    this.provenMs = nowMs;
    this.expiresMs = nowMs + maxLifetimeMs * (1 - LEAST_CUT - (MOST_CUT - LEAST_CUT) * random);
  }
}

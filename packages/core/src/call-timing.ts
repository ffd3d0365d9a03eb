/**
 * Where the time of a call goes: into a queue, into waiting for a connection, into the database. It is taken only for a
 * caller who gives an object for it.
 *
 * Whoever works for the call tells its stopwatch what comes next. The caller's object is touched once, when the call
 * settles; what still goes on for it then, such as a statement that nobody waits for any more, counts up to there.
 */
import type { Clock } from "./clock.ts";
import { TelepoolError } from "./errors.ts";

/**
 * The milliseconds that calls spent: an object of the caller's, to which each call adds its own when it settles, also
 * when it fails. Calls that go side by side add up. Opening the store, and the pauses between attempts, count as nothing.
 */
export interface CallTiming {
  /** In a queue: waiting for room, and for the batch that takes the call along. */
  queueMs: number;
  /** Waiting for a connection. */
  poolMs: number;
  /** On a connection, in all attempts; what goes in a batch has the time of its batch. */
  databaseMs: number;
}

/** What time can go into. */
type TimedPart = keyof CallTiming;

/** What is told where the time goes. */
export interface Watch {
  /** From now on it goes into this part, or into none; `nowMs` by the call's clock, where it has been read already. */
  turnTo(part: TimedPart | undefined, nowMs?: number): void;
}

/** What goes along with a call to those who work for it. */
export interface CallContext {
  readonly signal?: AbortSignal | undefined;
  readonly watch?: Watch | undefined;
}

const PARTS = ["queueMs", "poolMs", "databaseMs"] as const satisfies readonly TimedPart[];

/** Takes the time of one call. */
export class Stopwatch implements Watch {
  readonly clock: Clock;
  readonly #timing: CallTiming;
  readonly #spent: CallTiming = { queueMs: 0, poolMs: 0, databaseMs: 0 };
  #part: TimedPart | undefined;
  #sinceMs = 0;

  constructor(timing: CallTiming, clock: Clock) {
    this.#timing = timing;
    this.clock = clock;
  }

  turnTo(part: TimedPart | undefined, nowMs: number = this.clock.monotonicMs()): void {
    if (this.#part !== undefined) this.#spent[this.#part] += nowMs - this.#sinceMs;
    this.#part = part;
    this.#sinceMs = nowMs;
  }

  /** The call settles: what was spent up to now is the caller's to see. */
  stop(): void {
    this.turnTo(undefined);
    for (const part of PARTS) this.#timing[part] += this.#spent[part];
  }
}

/**
 * The stopwatch of a call; none for a caller who does not ask for the time.
 *
 * @throws TelepoolError `INVALID_ARGUMENT` for an object that cannot be added to
 */
export function stopwatchFor(timing: CallTiming | undefined, clock: Clock): Stopwatch | undefined {
  if (timing === undefined) return undefined;
  if (!canBeAddedTo(timing)) {
    const message = `timing must be an object with the numbers ${PARTS.join(", ")}, which can be changed`;
    throw new TelepoolError("INVALID_ARGUMENT", message, { field: "timing" });
  }
  return new Stopwatch(timing, clock);
}

function canBeAddedTo(timing: CallTiming): boolean {
  if (typeof timing !== "object" || timing === null) return false;
  return PARTS.every((part) => Number.isFinite(timing[part]) && Reflect.set(timing, part, timing[part]));
}

/** The call itself, which stops its watch when it settles. */
export function measured<T>(call: Promise<T>, watch: Stopwatch | undefined): Promise<T> {
  return watch === undefined ? call : call.finally(() => watch.stop());
}

/** One watch for all who wait for the same work; none where nobody asks for the time. */
export function sharedWatch(waiting: readonly { readonly watch: Stopwatch | undefined }[]): Watch | undefined {
  const watches: Stopwatch[] = [];
  for (const { watch } of waiting) if (watch !== undefined) watches.push(watch);
  const [first] = watches;
  if (first === undefined) return undefined;
  return {
    turnTo: (part, nowMs = first.clock.monotonicMs()) => {
      for (const watch of watches) watch.turnTo(part, nowMs);
    },
  };
}

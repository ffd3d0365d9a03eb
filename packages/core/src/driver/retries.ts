/**
 * Doing work again: after an error that the driver calls retryable, and, where the work is repeatable, after a lost
 * connection. There is a pause before each further attempt (1, 2, 4 … 50 ms, with jitter), and a deadline for all.
 *
 * What may have been committed is never reported as failed: if an attempt's outcome is unknown and no later one succeeds,
 * the error says so.
 */
import type { MaybePromise } from "../async.ts";
import type { CallContext } from "../call-timing.ts";
import type { Clock } from "../clock.ts";
import { type ErrorCode, TelepoolError } from "../errors.ts";
import { isRowAtFault } from "../store/rows-at-fault.ts";
import type { Driver } from "./driver.ts";

const MAX_DELAY_MS = 50;

/** What says that a connection was lost under way. */
const LOST: ReadonlySet<ErrorCode> = new Set(["COMMIT_OUTCOME_UNKNOWN", "CONNECTION_LOST"]);
/** What says that no connection is to be had just now; after a loss there may be one before long. */
const AWAY: ReadonlySet<ErrorCode> = new Set(["ACQUIRE_TIMEOUT", "CONNECT_FAILED"]);

/** How often work was done again, by what was in its way. */
export interface RetryCounts {
  busy: number;
  lost: number;
}

/** What retrying works with. */
export interface RetryDeps {
  readonly driver: Driver;
  readonly clock: Clock;
  /** How long work is done again, in milliseconds. */
  readonly timeoutMs: number;
  /** Counted up for every further attempt. */
  readonly counts: RetryCounts;
}

/** What goes along with work, and what may be done for it. */
export interface RetryOptions extends CallContext {
  /** Whether the work may be done again when its connection is lost: it only reads, or doing it twice comes to the same. */
  readonly repeatable?: boolean;
  /** Told of each lost connection before the work is done again; `outcomeUnknown` when it may have been committed. */
  readonly onLost?: (outcomeUnknown: boolean) => void;
}

/** The attempts at one piece of work. */
export class Retries {
  readonly #deps: RetryDeps;
  readonly #options: RetryOptions;
  readonly #deadlineMs: number;
  #attempts = 0;
  #wasLost = false;
  #unknown: TelepoolError | undefined;

  constructor(deps: RetryDeps, options: RetryOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#deadlineMs = deps.clock.monotonicMs() + deps.timeoutMs;
  }

  /** Does the work until it succeeds, or its error is final. */
  async run<T>(work: () => MaybePromise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await this.#pauseOrThrow(error);
      }
    }
  }

  /** The same after a first attempt that has failed. */
  async goOn<T>(error: unknown, work: () => MaybePromise<T>): Promise<T> {
    await this.#pauseOrThrow(error);
    return await this.run(work);
  }

  async #pauseOrThrow(error: unknown): Promise<void> {
    const { driver, clock } = this.#deps;
    const retryable = !(error instanceof TelepoolError) && driver.classify(error).retryable;
    const known = translated(error, driver);
    const isLost = LOST.has(known.code);
    if (known.code === "COMMIT_OUTCOME_UNKNOWN") this.#unknown ??= known;
    const delayMs = Math.min(2 ** this.#attempts++, MAX_DELAY_MS) * (0.5 + clock.random() / 2);
    const again =
      retryable || (this.#options.repeatable === true && (isLost || (this.#wasLost && AWAY.has(known.code))));
    if (!again || this.#options.signal?.aborted || clock.monotonicMs() + delayMs >= this.#deadlineMs) {
      throw isRowAtFault(known) ? known : (this.#unknown ?? known); // a refused row was refused before, too
    }
    if (isLost) {
      this.#wasLost = true;
      this.#options.onLost?.(known.code === "COMMIT_OUTCOME_UNKNOWN");
    }
    this.#deps.counts[this.#wasLost ? "lost" : "busy"]++;
    this.#options.watch?.turnTo(undefined);
    await new Promise<void>((resolve) => clock.setTimer(resolve, delayMs));
  }
}

/** What the driver's library threw, as a `TelepoolError`. */
export function translated(error: unknown, driver: Driver): TelepoolError {
  if (error instanceof TelepoolError) return error;
  const { code, message } = driver.classify(error);
  return new TelepoolError(code, message, { cause: error });
}

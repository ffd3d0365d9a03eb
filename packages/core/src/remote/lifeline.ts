/**
 * Whether one connection to a server still lives, and what is said when it does not.
 *
 * A statement may be without an answer for so long; then the connection is destroyed, as nothing else ends the wait for a
 * server that is frozen, or for a network that has swallowed the answer. A connection that is lost while a commit is under
 * way leaves an unknown outcome.
 */
import { TelepoolError } from "../errors.ts";
import { CONNECTION_LOST } from "./system-errors.ts";

/** How long a goodbye may take before the socket is destroyed. */
const GOODBYE_MS = 1000;

/** What a lifeline must know of its connection. */
export interface LifelineSettings {
  /** How long an answer may take, in milliseconds, or `Infinity`. */
  readonly queryTimeoutMs: number;
  /** Ends the socket at once. */
  readonly destroy: () => void;
  /** Whether the library's error says that the connection is gone. */
  readonly isLoss: (error: unknown) => boolean;
  /** The library's error as it may be passed on. */
  readonly cleaned: (error: unknown) => unknown;
}

/** Follows one connection, which has one statement under way at a time. */
export class Lifeline {
  readonly #settings: LifelineSettings;
  #isLost = false;

  constructor(settings: LifelineSettings) {
    this.#settings = settings;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** The connection is gone, by whatever sign. */
  markLost(): void {
    this.#isLost = true;
  }

  /** Settles like `answer`; rejects with `CONNECTION_LOST` when it takes too long. */
  async watch<T>(answer: Promise<T>): Promise<T> {
    const { queryTimeoutMs } = this.#settings;
    let isLate = false;
    const timer =
      queryTimeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeout(() => {
            isLate = true;
            this.#destroy();
          }, queryTimeoutMs);
    try {
      return await answer;
    } catch (error) {
      if (isLate) throw lateError(queryTimeoutMs, error);
      const cleaned = this.#settings.cleaned(error);
      if (!this.#settings.isLoss(error)) throw cleaned;
      this.#isLost = true;
      throw new TelepoolError(CONNECTION_LOST.code, CONNECTION_LOST.message, { cause: cleaned });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Does what is committed when it is answered.
   *
   * @throws TelepoolError `COMMIT_OUTCOME_UNKNOWN` when the connection is lost meanwhile, `CONNECTION_LOST` when it was before
   */
  async committing<T>(commit: () => Promise<T>): Promise<T> {
    if (this.#isLost) throw new TelepoolError(CONNECTION_LOST.code, CONNECTION_LOST.message);
    try {
      return await commit();
    } catch (error) {
      if (!this.#isLost) throw error;
      throw new TelepoolError(
        "COMMIT_OUTCOME_UNKNOWN",
        "the connection was lost during a commit, which may be stored or not; writing the same ids again is safe",
        { cause: error },
      );
    }
  }

  /** Says goodbye, if there is anybody to say it to, and ends the socket. */
  async close(sayGoodbye: () => Promise<void>): Promise<void> {
    if (this.#isLost) {
      this.#destroy();
      return;
    }
    this.#isLost = true;
    const timer = setTimeout(() => this.#destroy(), GOODBYE_MS);
    try {
      await sayGoodbye();
    } finally {
      clearTimeout(timer);
      this.#destroy();
    }
  }

  #destroy(): void {
    this.#isLost = true;
    this.#settings.destroy();
  }
}

function lateError(queryTimeoutMs: number, cause: unknown): TelepoolError {
  return new TelepoolError(
    "CONNECTION_LOST",
    `the connection was given up: no answer within ${queryTimeoutMs} ms; raise queryTimeoutMs if that is too short`,
    { cause },
  );
}

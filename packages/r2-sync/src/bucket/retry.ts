/**
 * Attempts: how long one may take, and how often and after which pauses it is made again.
 *
 * Pauses grow exponentially with full jitter, from 100 ms to 5 s, or last as long as the server says. No attempt begins
 * later than `retryTimeoutMs` after the first one. A signal ends an attempt or a pause at once.
 */
import { abortedError, type Clock, type Timer } from "@telepool/core";
import { untilAborted } from "@telepool/core/remote";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
const FOREVER_MS = 2 ** 31 - 1;

/** When an attempt is made again. */
export interface RetryPolicy {
  readonly clock: Clock;
  readonly retryTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether the failure may pass, and how long the server wants to be left alone. */
  mayPass(error: unknown): { readonly retryAfterMs?: number | undefined } | undefined;
  /** Called before each attempt but the first. */
  onRetry(): void;
}

/** Makes attempts until one succeeds; throws what the last one threw. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { clock, retryTimeoutMs, signal } = policy;
  const startedMs = clock.monotonicMs();
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const hope = signal.aborted ? undefined : policy.mayPass(error);
      if (hope === undefined) throw error;
      const pauseMs = Math.max(jitteredMs(failures, clock), hope.retryAfterMs ?? 0);
      if (clock.monotonicMs() - startedMs + pauseMs > retryTimeoutMs) throw error;
      await pause(clock, pauseMs, signal);
      policy.onRetry();
    }
  }
}

function jitteredMs(failures: number, clock: Clock): number {
  return clock.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
}

/** A clock's timers let the process end; whoever waits for an answer must get one. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, FOREVER_MS);
  let timer: Timer | undefined;
  try {
    const over = new Promise<void>((resolve) => {
      timer = clock.setTimer(resolve, ms);
    });
    await untilAborted(over, signal, "the pause before the next attempt");
  } finally {
    timer?.cancel();
    clearInterval(alive);
  }
}

/** A request that took longer than it may. */
export class RequestTimeout extends Error {
  readonly code = "ETIMEDOUT";

  constructor(timeoutMs: number) {
    super(`no complete answer within ${timeoutMs} ms`);
    this.name = "RequestTimeout";
  }
}

/** How long an attempt may take. */
export interface Deadline {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Makes one attempt; its own signal fires when it has taken too long or when the deadline's signal does. */
export async function withDeadline<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { clock, timeoutMs, signal }: Deadline,
): Promise<T> {
  const controller = new AbortController();
  let reject: (reason: Error) => void = () => {};
  const ended = new Promise<never>((_, fail) => {
    reject = fail;
  });
  const end = (reason: Error) => {
    reject(reason); // before the attempt fails for it, in its own words
    controller.abort(reason);
  };
  const onAbort = () => end(abortedError(signal, "the request"));
  const timer = clock.setTimer(() => end(new RequestTimeout(timeoutMs)), timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([ended, attempt(controller.signal)]);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

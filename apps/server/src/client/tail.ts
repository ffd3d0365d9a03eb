/**
 * A live tail that goes on where it broke: it connects again with the id of the last message, so that rows which were
 * stored meanwhile follow, or a message says that some are missing.
 *
 * The first connection must succeed; from then on only an answer that no repetition will change ends the tail.
 */
import { either } from "./either-signal.ts";
import { ProblemError } from "./problem-error.ts";
import { readMessages, type TailMessage } from "./tail-messages.ts";

/** How a tail is followed. */
export interface TailOptions {
  /** Ends the tail, without an error. */
  readonly signal?: AbortSignal;
  /** The `id` of a message of before, to go on after it. */
  readonly lastEventId?: string;
  /** How long the server may be silent before the connection counts as broken, in milliseconds; 30 000 by default. */
  readonly idleTimeoutMs?: number;
  /** Told why the connection ended, and after how many milliseconds the next one is tried. */
  readonly onReconnect?: (reason: unknown, delayMs: number) => void;
}

/** What a tail is made with; tests have their own. */
export interface TailDeps {
  /** Opens the stream after a message, or at its end. */
  readonly open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  /** Waits, at most until the signal fires. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

const RETRY_MS = 2000;
const MAX_RETRY_MS = 30_000;

/** @throws ProblemError when the server refuses; what `open` throws, for the first connection */
export async function* followTail(
  { open, sleep, random }: TailDeps,
  { signal, lastEventId, idleTimeoutMs = 30_000, onReconnect }: TailOptions,
): AsyncGenerator<TailMessage, void, undefined> {
  let place = lastEventId;
  let retryMs = RETRY_MS;
  let failures = 0;
  let isFirst = true;
  while (!signal?.aborted) {
    const connection = new AbortController();
    let reason: unknown = new Error("the server ended the stream");
    try {
      const body = await open(place, either(connection.signal, signal));
      isFirst = false;
      const onRetry = (ms: number): void => {
        retryMs = ms;
      };
      for await (const message of readMessages(body, { idleTimeoutMs, onRetry })) {
        failures = 0;
        place = message.id ?? place;
        yield message;
      }
    } catch (error) {
      if (!signal?.aborted && (isFirst || isFinal(error))) throw error;
      reason = error;
    } finally {
      connection.abort();
    }
    if (signal?.aborted) return;
    const wantedMs = reason instanceof ProblemError ? (reason.retryAfterMs ?? 0) : 0;
    const delayMs = Math.max(wantedMs, backoff(retryMs, failures, random()));
    failures++;
    onReconnect?.(reason, delayMs);
    await sleep(delayMs, signal);
  }
}

/** Longer each time, and never the same for all clients of a server that comes back. */
function backoff(retryMs: number, failures: number, chance: number): number {
  return Math.round(Math.min(MAX_RETRY_MS, retryMs * 2 ** failures) * (0.5 + chance / 2));
}

/** The same request would be refused again. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ProblemError)) return false;
  const { status } = error;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Waits for this long, or until the signal fires. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}

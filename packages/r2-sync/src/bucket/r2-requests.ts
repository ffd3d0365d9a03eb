/**
 * The requests of one bucket: each is counted, ends in time, is sent again where that may help, and fails with a
 * `TelepoolError`. `close` ends those that are under way and every later one with `ABORTED`.
 */
import type { S3Client } from "@aws-sdk/client-s3";
import { abortedError, type Clock, TelepoolError } from "@telepool/core";
import type { BucketCounts } from "./bucket.ts";
import { r2Error } from "./r2-errors.ts";
import type { R2Config } from "./r2-options.ts";
import { withDeadline, withRetries } from "./retry.ts";
import { s3Client } from "./s3-client.ts";
import { s3Failure } from "./s3-failure.ts";

/** A request, for counts and messages. */
export interface R2Request {
  /** S3's name of it: `PutObject`. */
  readonly operation: string;
  readonly billedAs: "classA" | "classB" | "deletes";
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request by this client, and looks at the answer. */
export type Send<T> = (client: S3Client, signal: AbortSignal) => Promise<T>;

export class R2Requests {
  readonly config: R2Config;
  readonly #clock: Clock;
  readonly #client: S3Client;
  readonly #underWay = new Set<AbortController>();
  readonly #counts = { classA: 0, classB: 0, deletes: 0, bytesPut: 0, bytesGot: 0, retries: 0 };
  #isClosed = false;

  constructor(config: R2Config, clock: Clock) {
    this.config = config;
    this.#clock = clock;
    this.#client = s3Client(config.endpoint, config);
  }

  /** A snapshot. */
  get counts(): BucketCounts {
    return { ...this.#counts };
  }

  countPut(bytes: number): void {
    this.#counts.bytesPut += bytes;
  }

  countGot(bytes: number): void {
    this.#counts.bytesGot += bytes;
  }

  /** Sends a request, and again while its failure may pass. */
  send<T>(request: R2Request, send: Send<T>): Promise<T> {
    return this.#explained(request, (signal) => this.#attempt(request, this.#client, send, signal));
  }

  /** Sends a request once, to another endpoint with the same credentials. */
  async sendElsewhere<T>(endpoint: string, request: R2Request, send: Send<T>): Promise<T> {
    const client = s3Client(endpoint, this.config);
    try {
      const once = (signal: AbortSignal) => this.#attempt(request, client, send, signal);
      return await this.#abortable(request.operation, request.signal, once);
    } finally {
      client.destroy();
    }
  }

  /** Repeats what consists of several requests while it throws what may pass. */
  repeat<T>(what: Pick<R2Request, "operation" | "signal">, attempt: () => Promise<T>): Promise<T> {
    return this.#explained(what, attempt);
  }

  close(): void {
    this.#isClosed = true;
    for (const controller of this.#underWay) controller.abort(closed());
    this.#client.destroy();
  }

  #attempt<T>({ billedAs }: R2Request, client: S3Client, send: Send<T>, signal: AbortSignal): Promise<T> {
    this.#counts[billedAs]++;
    const deadline = { clock: this.#clock, timeoutMs: this.config.requestTimeoutMs, signal };
    return withDeadline((ownSignal) => send(client, ownSignal), deadline);
  }

  /** Makes attempts, and says what the failure of the last one means. */
  #explained<T>(
    { operation, key, signal: callersSignal }: Pick<R2Request, "operation" | "key" | "signal">,
    attempt: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#abortable(operation, callersSignal, async (signal) => {
      const startedMs = this.#clock.monotonicMs();
      let attempts = 0;
      const counted = () => {
        attempts++;
        return attempt(signal);
      };
      try {
        return await this.#again(counted, signal);
      } catch (error) {
        if (error instanceof TelepoolError) throw error;
        const elapsedMs = this.#clock.monotonicMs() - startedMs;
        const nowMs = this.#clock.wallMs();
        throw r2Error(s3Failure(error, nowMs), { operation, key, config: this.config, attempts, elapsedMs, nowMs });
      }
    });
  }

  #again<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return withRetries(attempt, {
      clock: this.#clock,
      retryTimeoutMs: this.config.retryTimeoutMs,
      signal,
      mayPass: (error) => {
        if (error instanceof TelepoolError) return undefined;
        const { mayPass, retryAfterMs } = s3Failure(error, this.#clock.wallMs());
        return mayPass ? { retryAfterMs } : undefined;
      },
      onRetry: () => {
        this.#counts.retries++;
      },
    });
  }

  /** Runs with a signal that fires with the caller's, or when the bucket is closed. */
  async #abortable<T>(
    what: string,
    callersSignal: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closed();
    if (callersSignal?.aborted) throw abortedError(callersSignal, what);
    const controller = new AbortController();
    const { signal } = controller;
    const onAbort = () => controller.abort(callersSignal && abortedError(callersSignal, what));
    callersSignal?.addEventListener("abort", onAbort, { once: true });
    this.#underWay.add(controller);
    try {
      return await run(signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      this.#underWay.delete(controller);
      callersSignal?.removeEventListener("abort", onAbort);
    }
  }
}

function closed(): TelepoolError {
  return new TelepoolError("ABORTED", "the bucket was closed");
}

/**
 * The body of an answer that is written piece by piece, as fast as it is read: the next piece is made when the one before
 * is on its way. A reader that stands still is cut off, so that it does not keep its place for ever.
 */

/** How a stream ended: all was written, the reader went away, or it was cut off. */
export type StreamEnd = "done" | "gone" | "cut";

/** What a stream is made of. */
export interface WatchedStreamOptions {
  /** The next piece, or nothing at the end. It may take its time. */
  readonly next: () => Promise<string | undefined>;
  /** How long the reader may take none of what is there, in milliseconds. */
  readonly idleMs: number;
  /** Cuts the stream off if its reader stands still when it fires; a piece that is being made has to look at it itself. */
  readonly signal: AbortSignal;
  /** Called once, however the stream ends. */
  readonly onEnd: (end: StreamEnd) => void;
  /** Told why the stream was cut off. */
  readonly onError?: (error: unknown) => void;
}

/** Makes the stream. */
export function watchedStream(options: WatchedStreamOptions): ReadableStream<Uint8Array> {
  const stream = new WatchedStream(options);
  return new ReadableStream(
    {
      start: (controller) => stream.start(controller),
      pull: () => stream.pull(),
      cancel: () => stream.end("gone"),
    },
    { highWaterMark: 0 },
  );
}

class WatchedStream {
  readonly #options: WatchedStreamOptions;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Runs while the reader has something to take. */
  #stall: ReturnType<typeof setTimeout> | undefined;
  #isMaking = false;
  #hasEnded = false;

  constructor(options: WatchedStreamOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", this.#onAbort);
    if (options.signal.aborted) queueMicrotask(this.#onAbort);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  async pull(): Promise<void> {
    const { next, idleMs } = this.#options;
    clearTimeout(this.#stall);
    this.#isMaking = true;
    try {
      const piece = await next();
      if (this.#hasEnded) return;
      if (piece === undefined) {
        this.end("done");
        this.#controller?.close();
        return;
      }
      this.#controller?.enqueue(this.#encoder.encode(piece));
      this.#stall = setTimeout(() => this.#cutOff(new Error(`the reader took nothing for ${idleMs} ms`)), idleMs);
    } catch (error) {
      this.#cutOff(error);
    } finally {
      this.#isMaking = false;
    }
  }

  end(how: StreamEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#stall);
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.onEnd(how);
  }

  #cutOff(error: unknown): void {
    if (this.#hasEnded) return;
    this.end("cut");
    this.#options.onError?.(error);
    this.#controller?.error(error);
  }

  readonly #onAbort = (): void => {
    if (!this.#isMaking) this.#cutOff(this.#options.signal.reason);
  };
}

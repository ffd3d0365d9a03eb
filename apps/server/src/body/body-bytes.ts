/**
 * The bytes of a request's body as they arrive, decompressed where the client compressed them: a body of any length passes
 * in bounded memory. One that stands still is given up, and so is one that has not ended when the server does.
 */
import { TelepoolError } from "@telepool/core";
import { HttpError } from "../http/http-error.ts";

/** The encodings that are understood, for `accept-encoding`. */
const ACCEPTED_ENCODINGS = "gzip, deflate, identity";

type Encoding = "gzip" | "deflate" | "identity";

/** When a body is given up. */
export interface BodyPatience {
  /** How long no byte may arrive, in milliseconds. */
  readonly idleMs: number;
  /** Fires when the server begins to shut down: then a body may still end, but not take its time. */
  readonly draining?: AbortSignal;
}

/** What a body may still take once the server shuts down: between two pieces, and in all. */
const DRAINING = { idleMs: 500, totalMs: 5000 } as const;

/**
 * How the body is compressed.
 *
 * @throws HttpError 415 `UNSUPPORTED_MEDIA_TYPE`
 */
export function encodingOf(headers: Headers): Encoding {
  const encoding = (headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "gzip" || encoding === "deflate") return encoding;
  throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", `the body must be sent as one of ${ACCEPTED_ENCODINGS}`, {
    "accept-encoding": ACCEPTED_ENCODINGS,
  });
}

/**
 * The pieces of a body.
 *
 * @throws HttpError 400 `BODY_INCOMPLETE`, `INVALID_ENCODING`; 408 `BODY_TOO_SLOW`; 415 `UNSUPPORTED_MEDIA_TYPE`
 * @throws TelepoolError `POOL_CLOSED` when the server shuts down
 */
export async function* bodyBytes(
  request: Request,
  patience: BodyPatience,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoding = encodingOf(request.headers);
  if (request.body === null) return;
  const wire = new WireBody(request.body, patience);
  try {
    if (encoding === "identity") yield* wire.stream;
    else yield* wire.stream.pipeThrough(decompression(encoding));
  } catch {
    throw wire.failure ?? new HttpError(400, "INVALID_ENCODING", `the body is not complete and valid ${encoding}`);
  } finally {
    wire.end();
  }
}

/** Bun's types let a compressed stream take every kind of buffer, but not be fed with the one kind that there is. */
function decompression(encoding: "gzip" | "deflate"): ReadableWritablePair<Uint8Array, Uint8Array> {
  return new DecompressionStream(encoding) as ReadableWritablePair<Uint8Array, Uint8Array>;
}

/** A body as it comes over the wire, with an eye on the clock. */
class WireBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Why it was given up, or broke off. */
  failure: HttpError | TelepoolError | undefined;
  readonly #patience: BodyPatience;
  /** Runs while the body is waited for, and not while the server is busy with what it has of it. */
  #idle: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isDraining = false;
  /** Fails the read that is under way. A race of promises would keep one alive for each piece of a body without an end. */
  #giveUp: (() => void) | undefined;

  constructor(body: ReadableStream<Uint8Array>, patience: BodyPatience) {
    this.#patience = patience;
    patience.draining?.addEventListener("abort", this.#onDraining);
    const reader = body.getReader();
    this.stream = new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await this.#read(reader);
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          this.failure ??= incomplete();
          controller.error(error);
        }
      },
      cancel: () => this.end(),
    });
    if (patience.draining?.aborted) this.#onDraining();
  }

  /** Stops the clocks. */
  end(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#patience.draining?.removeEventListener("abort", this.#onDraining);
  }

  async #read<T>(reader: { read(): Promise<T> }): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#giveUp = () => reject(this.failure);
        if (this.failure !== undefined) return reject(this.failure);
        this.#startClock();
        reader.read().then(resolve, reject);
      });
    } finally {
      clearTimeout(this.#idle);
      this.#giveUp = undefined;
    }
  }

  #startClock(): void {
    const { idleMs } = this.#patience;
    clearTimeout(this.#idle);
    this.#idle = this.#isDraining
      ? setTimeout(this.#onLate, Math.min(DRAINING.idleMs, idleMs))
      : setTimeout(this.#onStall, idleMs);
  }

  readonly #onStall = (): void => {
    const text = `no byte of the body arrived for ${this.#patience.idleMs} ms`;
    this.#fail(new HttpError(408, "BODY_TOO_SLOW", text, { connection: "close" }));
  };

  readonly #onLate = (): void => this.#fail(new TelepoolError("POOL_CLOSED", "the server is shutting down"));

  readonly #onDraining = (): void => {
    this.#isDraining = true;
    this.#deadline = setTimeout(this.#onLate, DRAINING.totalMs);
    if (this.#giveUp !== undefined) this.#startClock();
  };

  #fail(failure: HttpError | TelepoolError): void {
    this.failure ??= failure;
    this.#giveUp?.();
  }
}

/** What is told of a connection that ended too early, if anybody hears it. */
export function incomplete(): HttpError {
  return new HttpError(400, "BODY_INCOMPLETE", "the connection ended before the body did");
}

/** The messages of a live tail, out of one answer's body. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import type { Event, Profile } from "./rows.ts";

/** What a live tail tells. The `id` is where `lastEventId` goes on. */
export type TailMessage =
  /** The tail is connected, again perhaps: what is stored from here on follows. */
  | { readonly type: "ready"; readonly id: string | undefined }
  | { readonly type: "profile"; readonly id: string | undefined; readonly row: Profile }
  | { readonly type: "event"; readonly id: string | undefined; readonly row: Event }
  /** Rows went by unseen, of any kind; `null` when it is not known how many, as after a restart of the server. */
  | { readonly type: "missed"; readonly id: string | undefined; readonly rows: number | null };

/** How a body is read. */
export interface ReadOptions {
  /** How long the server may be silent: it sends a sign of life every few seconds. */
  readonly idleTimeoutMs: number;
  /** Told how long the server wants its clients to wait before they come back. */
  readonly onRetry: (ms: number) => void;
}

/**
 * Ends with the body.
 *
 * @throws Error when the server has been silent for too long
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  { idleTimeoutMs, onRetry }: ReadOptions,
): AsyncGenerator<TailMessage, void, undefined> {
  const arrived: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => arrived.push(message), onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(idleTimeoutMs, reader.read());
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { event, id, data } of arrived.splice(0)) {
        const message = toMessage(event, id, data);
        if (message !== undefined) yield message;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined); // it may be broken already
  }
}

/** What this version does not know is left out. */
function toMessage(event: string | undefined, id: string | undefined, data: string): TailMessage | undefined {
  switch (event) {
    case "ready":
      return { type: event, id };
    case "profile":
      return { type: event, id, row: JSON.parse(data) };
    case "event":
      return { type: event, id, row: JSON.parse(data) };
    case "missed":
      return { type: event, id, rows: JSON.parse(data).rows };
    default:
      return undefined;
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = withRejector();
  const timer = setTimeout(() => reject(new Error(`the server has been silent for ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Node 20 has no `Promise.withResolvers`. */
function withRejector(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  return { promise, reject };
}

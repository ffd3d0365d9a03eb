/**
 * One reader of the feed, as server-sent events: `ready` first, then `profile` and `event` with a row each, and `missed`
 * with a count where rows went by too fast. Every one but `missed` of an unknown past has an id to come back with.
 *
 * The reader is asked for more only when it has taken what it was sent, so a slow one holds up nobody and nothing.
 */
import type { TailFeed } from "./tail-feed.ts";
import { feedRowJson, isWanted, type TailFilter } from "./tail-filter.ts";

/** Rows that are looked at before the event loop has a turn. */
const ROWS_AT_ONCE = 500;
/** Bun closes a connection that has been silent for its idle timeout, which is longer than this. */
const HEARTBEAT_MS = 8000;

/** Where a reader begins and what it wants. */
export interface TailRequest {
  readonly filter: TailFilter;
  /** The `Last-Event-ID` of the reader, if it has been here before. */
  readonly lastEventId: string | undefined;
  /** Ends the stream when it fires. */
  readonly signal: AbortSignal;
  /** Told of rows that the reader did not get. */
  readonly onMissed?: (rows: number) => void;
  readonly heartbeatMs?: number;
}

/** The body of the answer. */
export function tailStream(feed: TailFeed, request: TailRequest): ReadableStream<Uint8Array> {
  const { filter, lastEventId, signal, onMissed, heartbeatMs = HEARTBEAT_MS } = request;
  const membership = feed.join();
  signal.addEventListener("abort", () => membership[Symbol.dispose](), { once: true });
  const encoder = new TextEncoder();
  const resumed = lastEventId === undefined ? feed.next : feed.placeAfter(lastEventId);
  let place = resumed ?? feed.next;
  let greeting = `retry: 2000\n${message("ready", "{}", feed.nameOf(place - 1))}`;
  if (resumed === undefined) greeting += message("missed", '{"rows":null}');

  /** What there is to send now; empty when there is nothing. */
  const collect = (): string => {
    const { rows, missed } = feed.from(place, ROWS_AT_ONCE);
    place += missed + rows.length;
    let text = greeting;
    greeting = "";
    if (missed > 0) {
      onMissed?.(missed);
      text += message("missed", `{"rows":${missed}}`, feed.nameOf(place - rows.length - 1));
    }
    for (const { sequence, item } of rows) {
      if (isWanted(item, filter)) text += message(item.kind, feedRowJson(item), feed.nameOf(sequence));
    }
    return text;
  };

  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        for (;;) {
          if (signal.aborted) return controller.close();
          const before = place;
          const text = collect();
          if (text !== "") return controller.enqueue(encoder.encode(text));
          if (place > before) await turn();
          else if (!(await newRows(feed, signal, heartbeatMs))) return controller.enqueue(encoder.encode(":\n\n"));
        }
      },
      cancel: () => membership[Symbol.dispose](),
    },
    { highWaterMark: 0 },
  );
}

/** Waits for new rows or the end; false when neither came for so long. */
async function newRows(feed: TailFeed, signal: AbortSignal, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onEvent = () => resolve(true);
  const timer = setTimeout(resolve, timeoutMs, false);
  const stopWaiting = feed.whenNew(onEvent);
  signal.addEventListener("abort", onEvent, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    stopWaiting();
    signal.removeEventListener("abort", onEvent);
  }
}

function message(event: string, data: string, id?: string): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

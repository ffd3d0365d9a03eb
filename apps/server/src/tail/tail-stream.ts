/**
 * One reader of the feed, as server-sent events: `ready` first, then `profile` and `event` with a row each, and `missed`
 * with a count where rows went by too fast. Every one but `missed` of an unknown past has an id to come back with.
 *
 * The reader is asked for more only when it has taken what it was sent, so a slow one holds up nobody and nothing.
 */
import { type StreamEnd, watchedStream } from "../http/watched-stream.ts";
import type { TailFeed } from "./tail-feed.ts";
import { feedRowJson, isWanted, type TailFilter } from "./tail-filter.ts";

/** Rows that are looked at before the event loop has a turn. */
const ROWS_AT_ONCE = 500;
/** A piece ends at this length, in UTF-16 units. */
const PIECE_LENGTH = 64 * 1024;
/** How often a silent tail says that it is alive: below what balancers take for silence. */
const HEARTBEAT_MS = 8000;

/** Where a reader begins and what it wants. */
export interface TailRequest {
  readonly filter: TailFilter;
  /** The `Last-Event-ID` of the reader, if it has been here before. */
  readonly lastEventId: string | undefined;
  /** Ends the stream when it fires. */
  readonly signal: AbortSignal;
  /** How long the reader may take nothing of what there is, in milliseconds. */
  readonly idleMs: number;
  /** Called once, when the stream has ended. */
  readonly onEnd?: (end: StreamEnd) => void;
  /** Told of rows that the reader did not get. */
  readonly onMissed?: (rows: number) => void;
  readonly heartbeatMs?: number;
}

/** The body of the answer. */
export function tailStream(feed: TailFeed, request: TailRequest): ReadableStream<Uint8Array> {
  const { signal, idleMs, onEnd, heartbeatMs = HEARTBEAT_MS } = request;
  const membership = feed.join();
  const end = (how: StreamEnd): void => {
    membership[Symbol.dispose]();
    onEnd?.(how);
  };
  const reader = new TailReader(feed, request);
  const next = async (): Promise<string | undefined> => {
    while (!signal.aborted) {
      const text = reader.take();
      if (text !== "") return text;
      if (reader.isBehind) await turn();
      else if (!(await newRows(feed, signal, heartbeatMs))) return ":\n\n";
    }
    return undefined;
  };
  return watchedStream({ next, idleMs, signal, onEnd: end });
}

/** A place in the feed. */
class TailReader {
  readonly #feed: TailFeed;
  readonly #filter: TailFilter;
  readonly #onMissed: ((rows: number) => void) | undefined;
  #place: number;
  #greeting: string;

  constructor(feed: TailFeed, { filter, lastEventId, onMissed }: TailRequest) {
    this.#feed = feed;
    this.#filter = filter;
    this.#onMissed = onMissed;
    const resumed = lastEventId === undefined ? feed.next : feed.placeAfter(lastEventId);
    this.#place = resumed ?? feed.next;
    this.#greeting = `retry: 2000\n${message("ready", "{}", feed.nameOf(this.#place - 1))}`;
    if (resumed === undefined) this.#greeting += message("missed", '{"rows":null}');
  }

  /** Whether there are rows that it has not looked at. */
  get isBehind(): boolean {
    return this.#place < this.#feed.next;
  }

  /** What there is to send now; empty when none of it is wanted. */
  take(): string {
    const { rows, missed } = this.#feed.from(this.#place, ROWS_AT_ONCE);
    this.#place += missed;
    let text = this.#greeting;
    this.#greeting = "";
    if (missed > 0) {
      this.#onMissed?.(missed);
      text += message("missed", `{"rows":${missed}}`, this.#feed.nameOf(this.#place - 1));
    }
    for (const { sequence, item } of rows) {
      if (isWanted(item, this.#filter)) text += message(item.kind, feedRowJson(item), this.#feed.nameOf(sequence));
      this.#place = sequence + 1;
      if (text.length >= PIECE_LENGTH) break; // what a slow reader has to take is its own copy, so it is to be short
    }
    return text;
  }
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

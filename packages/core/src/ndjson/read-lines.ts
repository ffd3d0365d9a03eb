/** Splits bytes into lines of text, in memory for one line and one chunk. */
import { PAUSE, type Pause } from "./with-pauses.ts";

/** One line, or what is wrong with it. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line break; absent when the line is not UTF-8 or too long. */
  readonly text?: string;
  readonly flaw?: string;
}

/** The longest line, in bytes: a profile of 16 Mi characters of three bytes each, and room for its other fields. */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * The lines of a text; LF and CRLF end one, a byte order mark at the start is left out. A pause between chunks is one
 * between lines.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array | Pause>,
  maxLineBytes: number = MAX_LINE_BYTES,
): AsyncGenerator<Line | Pause, void, undefined> {
  const line = new PendingLine(maxLineBytes);
  for await (const chunk of chunks) {
    if (chunk === PAUSE) {
      yield chunk;
      continue;
    }
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      line.add(chunk.subarray(start, end));
      yield line.take();
      start = end + 1;
    }
    line.add(chunk.subarray(start));
  }
  if (!line.isEmpty) yield line.take();
}

class PendingLine {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #number = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Uint8Array): void {
    this.#bytes += part.byteLength;
    if (this.#bytes > this.#maxBytes) this.#parts = [];
    else if (part.byteLength > 0) this.#parts.push(part);
  }

  take(): Line {
    const number = ++this.#number;
    const bytes = this.#bytes;
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    if (bytes > this.#maxBytes) return { number, flaw: `the line is longer than ${this.#maxBytes} bytes` };
    try {
      const [only] = parts;
      const text = this.#decoder.decode(parts.length === 1 && only !== undefined ? only : Buffer.concat(parts));
      return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
    } catch {
      return { number, flaw: "the line is not UTF-8 text" };
    }
  }
}

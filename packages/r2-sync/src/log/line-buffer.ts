/**
 * The text of an object while it is being collected: lines as bytes, one behind the other, in memory that is used again for the
 * next object. Strings would be joined and copied, and what they leave is collected late: a backlog would take some hundred MB.
 */

/** What the header gets, which is known last and comes first: blanks behind its JSON fill it up. */
const HEADER_BYTES = 1024;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;
const NEW_LINE = 0x0a;
const BLANK = 0x20;

/** Lines behind a header. */
export class LineBuffer {
  #bytes: Buffer;
  #end: number = HEADER_BYTES;

  constructor(bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(HEADER_BYTES + bytes);
  }

  /** How many bytes the lines have. */
  get bytes(): number {
    return this.#end - HEADER_BYTES;
  }

  /** Adds a line, which has no line break. */
  add(line: string): void {
    const most = this.#end + line.length * MAX_BYTES_PER_UNIT + 1;
    if (most > this.#bytes.length) this.#grow(most);
    this.#end += this.#bytes.write(line, this.#end);
    this.#bytes[this.#end++] = NEW_LINE;
  }

  /** The text with its header. It changes when lines are added again. */
  text(header: string): Uint8Array {
    const bytes = Buffer.byteLength(header);
    if (bytes >= HEADER_BYTES) throw new RangeError(`a header has at most ${HEADER_BYTES - 1} bytes`);
    this.#bytes.fill(BLANK, 0, HEADER_BYTES);
    this.#bytes.write(header, 0);
    this.#bytes[HEADER_BYTES - 1] = NEW_LINE;
    return this.#bytes.subarray(0, this.#end);
  }

  /** Begins anew. */
  clear(): void {
    this.#end = HEADER_BYTES;
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

/** Buffers that are lent for an object and come back. */
export class LineBuffers {
  readonly #bytes: number;
  readonly #idle: LineBuffer[] = [];

  /** @param bytes about how many bytes of lines an object has */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(): LineBuffer {
    const idle = this.#idle.pop();
    idle?.clear();
    return idle ?? new LineBuffer(this.#bytes);
  }

  giveBack(buffer: LineBuffer): void {
    this.#idle.push(buffer);
  }
}

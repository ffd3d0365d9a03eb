/**
 * Rows as lines of JSON, in a stream that is read as fast as it is sent: the rows are asked for one by one, and a piece goes
 * when it is long enough, or when its first row has waited.
 */

/** Rows from wherever they come. */
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>;

/** In UTF-16 units. */
const PIECE_LENGTH = 64 * 1024;
const PIECE_WAIT_MS = 50;

/** Lines on their way. */
export class LineStream<Row> {
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the rows threw, if they did: the stream's reader may make another error of it. */
  failure: unknown;
  readonly #rows: Iterator<Row> | AsyncIterator<Row>;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  /** The row that was asked for. */
  #next: Promise<IteratorResult<Row>> | undefined;
  #isOver = false;

  constructor(rows: Rows<Row>) {
    this.#rows = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#leave(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Ends the stream where it is, and lets go of the rows. */
  end(): void {
    if (this.#isOver) return;
    this.#leave();
    this.#controller?.close();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      const { text, isLast } = await this.#collect();
      if (this.#isOver) return;
      if (text !== "") controller.enqueue(this.#encoder.encode(text));
      if (!isLast) return;
      this.#isOver = true;
      controller.close();
    } catch (error) {
      this.#isOver = true;
      this.failure = error;
      throw error;
    }
  }

  /** A piece, and whether it is the last. */
  async #collect(): Promise<{ readonly text: string; readonly isLast: boolean }> {
    let text = "";
    const due = new Due();
    try {
      while (text.length < PIECE_LENGTH) {
        this.#next ??= Promise.resolve(this.#rows.next());
        const result = await (text === "" ? this.#next : Promise.race([this.#next, due.passed]));
        if (result === undefined) break;
        this.#next = undefined;
        if (result.done) return { text, isLast: true };
        if (text === "") due.start(PIECE_WAIT_MS);
        text += `${JSON.stringify(result.value)}\n`;
      }
      return { text, isLast: false };
    } finally {
      due.stop();
    }
  }

  #leave(): void {
    this.#isOver = true;
    const leaving = async (): Promise<void> => void (await this.#rows.return?.());
    leaving().catch(() => undefined); // nobody is left who could be told
  }
}

/** A timer that begins later, if at all. */
class Due {
  readonly passed: Promise<undefined>;
  #pass: () => void = () => undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.#pass = () => resolve(undefined);
    });
  }

  start(ms: number): void {
    this.#timer = setTimeout(this.#pass, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

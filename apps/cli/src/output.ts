/**
 * Where results and messages go: results to stdout, all else to stderr.
 *
 * A write waits while the reader of a pipe is slow. When the reader has gone, every further write throws
 * `OutputClosedError`, which ends the program quietly: `telepool export | head` is no failure. The streams are listened
 * to only during a run, which `end` lets go of.
 */
import type { WriteStream } from "node:tty";
import { type InspectColor, styleText } from "node:util";
import { plainText } from "./plain-text.ts";

/** Nobody reads our output any more. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

/** How results and messages are shown. */
export interface OutputOptions {
  /** Results as JSON. */
  readonly json: boolean;
  /** No messages, except about what went wrong. */
  readonly quiet: boolean;
}

/** The two streams of a process. */
export interface OutputStreams {
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

/** The program's output. */
export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #stdout: WriteStream;
  readonly #stderr: WriteStream;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  /** Resolves when the latest message has been written, or cannot be. */
  #told: Promise<unknown> | undefined;

  constructor({ stdout, stderr }: OutputStreams, { json, quiet }: OutputOptions) {
    this.json = json;
    this.quiet = quiet;
    this.#stdout = stdout;
    this.#stderr = stderr;
    stdout.on("error", this.#onError).on("drain", this.#onDrain);
    stderr.on("error", ignoreError);
  }

  /** Waits until all that was written has left the program or failed to, then leaves the streams to the caller. */
  async end(): Promise<void> {
    await this.#told; // results have been waited for
    await new Promise((resolve) => setImmediate(resolve)); // a stream's error comes after its write has ended
    this.#stdout.off("error", this.#onError).off("drain", this.#onDrain);
    this.#stderr.off("error", ignoreError);
  }

  /** Whether results are read by a person. */
  get isTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** Whether messages are read by a person, so that a progress bar can be drawn. */
  get drawsProgress(): boolean {
    return this.#stderr.isTTY === true && !this.quiet;
  }

  /** How wide the reader's terminal is; pipes and files have no width. */
  get columns(): number {
    return this.isTerminal ? this.#stdout.columns : Number.POSITIVE_INFINITY;
  }

  /** Writes a piece of the result as it is. */
  async write(text: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (text === "") return;
    if (!this.#stdout.write(text)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Writes the result: `value` for programs, or what `forPeople` makes of it. */
  async result(value: unknown, forPeople: () => string): Promise<void> {
    await this.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : forPeople());
  }

  /** Says something beside the result; silent when the user asked for quiet. */
  note(text: string): void {
    if (!this.quiet) this.#tell(`${plainText(text)}\n`);
  }

  /** Reports something that went wrong: as a line for people, or as a line of JSON. */
  problem(text: string, value: unknown): void {
    this.#tell(this.json ? `${JSON.stringify(value)}\n` : `telepool: ${plainText(text)}\n`);
  }

  #tell(text: string): void {
    this.#told = new Promise((resolve) => this.#stderr.write(text, resolve));
  }

  readonly #onDrain = (): void => this.#wake?.();
  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#failure = error.code === "EPIPE" ? new OutputClosedError() : error;
    this.#wake?.();
  };

  /** The text in a colour, where the reader's terminal and `NO_COLOR` allow it. */
  coloured(colour: InspectColor, text: string): string {
    return styleText(colour, text, { stream: this.#stdout, validateStream: true });
  }
}

/** Nobody is left to be told. */
function ignoreError(): void {}

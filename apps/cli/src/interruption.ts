/**
 * Ctrl-C and SIGTERM: the first asks the command to end in order, the second ends the program at once.
 *
 * The handlers are there only while a command runs, so that a program which calls `main` keeps its own.
 */
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** A watch on the two signals. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  #exitCode: ExitCode | undefined;

  constructor() {
    process.on("SIGINT", this.#onInterrupt).on("SIGTERM", this.#onTerminate);
  }

  /** Fires at the first of the signals. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What a command that was interrupted ends with; `undefined` if none was. */
  get exitCode(): ExitCode | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#onInterrupt).off("SIGTERM", this.#onTerminate);
  }

  readonly #onInterrupt = (): void => this.#end(EXIT.interrupted);
  readonly #onTerminate = (): void => this.#end(EXIT.terminated);

  #end(exitCode: ExitCode): void {
    if (this.#exitCode !== undefined) process.exit(exitCode);
    this.#exitCode = exitCode;
    this.#controller.abort();
  }
}

/** A program of the folder `fixtures` in a process of its own, spoken to line by line; it does not outlive its test. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

export class Child implements AsyncDisposable {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;

  /** @param wrapper a command that runs the program, such as `setpriv` with its arguments */
  constructor(fixture: string, args: readonly string[], wrapper: readonly string[] = []) {
    const script = `${import.meta.dir}/fixtures/${fixture}`;
    this.#process = Bun.spawn([...wrapper, process.execPath, script, ...args], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#lines = createInterface(Readable.fromWeb(this.#process.stdout as never))[Symbol.asyncIterator](); // one type under two names
  }

  /** Settles when the program has ended, with its exit code. */
  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the program ended with ${await this.exited}, and without the line waited for`);
    return value;
  }

  /** All lines that are still to come. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next())
      lines.push(next.value);
    return lines;
  }

  /** Writes a line to its input. */
  say(line: string): void {
    this.#process.stdin.write(`${line}\n`);
    this.#process.stdin.flush();
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
  }
}

/** A run of the program that goes on until the test ends it, and whose output can be waited for. */
import type { Subprocess } from "bun";
import { type Sandbox, TELEPOOL } from "./sandbox.ts";

/** A program that runs. */
export class Running implements AsyncDisposable {
  /** What came on stdout and stderr so far. */
  output = "";
  readonly #child: Subprocess<"ignore", "pipe", "pipe">;
  readonly #reading: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #hasEnded = false;

  private constructor(child: Subprocess<"ignore", "pipe", "pipe">) {
    this.#child = child;
    this.#reading = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]).finally(() => {
      this.#hasEnded = true;
      this.#wake();
    });
  }

  static start(sandbox: Sandbox, args: readonly string[], env: Readonly<Record<string, string>>): Running {
    const pipes = { stdin: "ignore", stdout: "pipe", stderr: "pipe" } as const;
    return new Running(Bun.spawn([...TELEPOOL, ...args], { cwd: sandbox.folder, env: sandbox.env(env), ...pipes }));
  }

  /** Resolves when the program has written a text; rejects when it has ended without. */
  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.#hasEnded) throw new Error(`it ended without "${text}":\n${this.output}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Sends a signal; resolves with the exit code when all output has been read. */
  async end(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<number> {
    this.#child.kill(signal);
    await this.#reading;
    return await this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const data of stream) {
      this.output += decoder.decode(data, { stream: true });
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

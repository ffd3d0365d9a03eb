/** A program of the folder `fixtures` in a process of its own, with its own folder for temporary files. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryRoot } from "../src/temporary-root.ts";

export class Child implements AsyncDisposable {
  /** The program's TMPDIR: what lies in it, lies there because of the program. */
  readonly temporaryFolder: string = mkdtempSync(join(temporaryRoot(true), "telepool-test-servers-"));
  readonly #process: Bun.Subprocess<"ignore", "pipe", "inherit">;

  constructor(fixture: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    chmodSync(this.temporaryFolder, 0o755); // servers run as somebody else
    this.#process = Bun.spawn([process.execPath, join(import.meta.dir, "fixtures", fixture), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env.PATH, TMPDIR: this.temporaryFolder, ...env },
    });
  }

  get exited(): Promise<number> {
    return this.#process.exited;
  }

  /** What it has printed up to the end of the first line. */
  async line(): Promise<string> {
    let text = "";
    for await (const chunk of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("\n")) return text.trim();
    }
    throw new Error(`the program ended with ${await this.exited} before it had printed a line: ${text}`);
  }

  /** The paths of everything in its folder for temporary files. */
  leftovers(): string[] {
    return readdirSync(this.temporaryFolder, { recursive: true, encoding: "utf8" });
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
    rmSync(this.temporaryFolder, { recursive: true, force: true });
  }
}

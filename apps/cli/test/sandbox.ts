/** An empty folder with the program in it: runs `telepool` as users do, in a process of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a run ended. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run may be given beside its arguments. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const MAIN = join(import.meta.dir, "../src/main.ts");

/** The command that starts the program. */
export const TELEPOOL: readonly string[] = [process.execPath, MAIN];

/** A folder of its own for each test. */
export class Sandbox implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Sandbox> {
    return new Sandbox(await mkdtemp(join(tmpdir(), "telepool-cli-")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await Bun.write(this.path(name), content);
  }

  /** The environment of a run: nothing of the one that the tests run in, except where programs are. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? tmpdir(), TMPDIR: tmpdir(), ...more };
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
    return await this.command([...TELEPOOL, ...args], options);
  }

  /** Runs any command to its end. */
  async command(command: readonly string[], { stdin, env, cwd = this.folder }: RunOptions = {}): Promise<Run> {
    const input = stdin === undefined ? "ignore" : new TextEncoder().encode(stdin);
    const child = Bun.spawn([...command], { cwd, env: this.env(env), stdin: input, stdout: "pipe", stderr: "pipe" });
    const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
    return { code, stdout, stderr };
  }

  /** The JSON that a run prints; the run must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what the program prints, and fail where it differs
  async json(args: readonly string[], options: RunOptions = {}): Promise<any> {
    const { code, stdout, stderr } = await this.run([...args, "--json"], options);
    if (code !== 0) throw new Error(`telepool ${args.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }
}

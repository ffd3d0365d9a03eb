/**
 * A temporary folder and the one program that runs in it. A guard owns both (see guard.ts): they end with the process
 * that made them, also when it is killed, and they do not keep it alive.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Account, giveTo } from "../account.ts";
import { searchPath } from "../env.ts";
import { type GuardMessage, type RunMessage, receive, SOCKET_NAME, send } from "./guard-messages.ts";

const GUARD_WITHIN_MS = 30_000;

/** A program that was started in the folder. */
export interface Program {
  readonly pid: number;
  /** Resolves when it has ended: "code 0", "SIGKILL". */
  readonly ended: Promise<string>;
  readonly hasEnded: boolean;
}

/** How a folder is guarded. */
export interface Guarding {
  /** The beginning of its path. */
  readonly prefix: string;
  /** To whom the folder belongs, and as whom the programs run; as ourselves without one. */
  readonly account: Account | undefined;
  /** Ends the program when its data are no longer needed. */
  readonly endSignal: NodeJS.Signals;
}

export class GuardedFolder implements AsyncDisposable {
  readonly path: string;
  readonly #account: Account | undefined;
  readonly #guard: Socket;
  readonly #guardEnded: Promise<void>;
  #onMessage: (message: GuardMessage) => void = () => {};

  private constructor(path: string, account: Account | undefined, guard: Socket) {
    this.path = path;
    this.#account = account;
    this.#guard = guard;
    receive<GuardMessage>(guard, (message) => this.#onMessage(message));
    guard.on("error", () => {}); // "close" follows
    this.#guardEnded = new Promise((resolve) => guard.once("close", () => resolve()));
    guard.unref();
  }

  /** Makes a folder and starts its guard. */
  static async create({ prefix, account, endSignal }: Guarding): Promise<GuardedFolder> {
    const path = mkdtempSync(prefix);
    try {
      giveTo(account, path);
      return new GuardedFolder(path, account, await startGuard(path, endSignal));
    } catch (error) {
      rmSync(path, { recursive: true, force: true });
      throw error;
    }
  }

  /** The end of what the programs printed, for an error's message. */
  logTail(): string {
    return readFileSync(logOf(this.path), "utf8").trimEnd().split("\n").slice(-80).join("\n");
  }

  /** Runs a program to its end; it must end well. */
  async run(command: readonly string[]): Promise<void> {
    const { ended } = await this.launch(command);
    const how = await this.#awake(ended);
    if (how !== "code 0") throw new Error(`${command[0]} ended with ${how}\n${this.logTail()}`);
  }

  /** Starts a program; there must be no other at the moment. */
  async launch(command: readonly string[]): Promise<Program> {
    const started = Promise.withResolvers<number>();
    const end = Promise.withResolvers<string>();
    let hasEnded = false;
    this.#onMessage = (message) => {
      if (message.type === "running") started.resolve(message.pid);
      else if (message.type === "failed") started.reject(new Error(`${command[0]} does not run: ${message.reason}`));
      else {
        hasEnded = true;
        end.resolve(message.how);
      }
    };
    void this.#guardEnded.then(() => {
      started.reject(new Error(`the guard of ${this.path} has ended`));
      this.#onMessage({ type: "ended", how: "its guard" });
    });
    // Few variables: the clocks and the languages of the servers are the same everywhere.
    const env = { PATH: searchPath().join(":"), LC_ALL: "C", TZ: "UTC" };
    send<RunMessage>(this.#guard, { command, env, log: logOf(this.path), ...this.#account });
    const pid = await this.#awake(started.promise);
    return {
      pid,
      ended: end.promise,
      get hasEnded() {
        return hasEnded;
      },
    };
  }

  /** Waits for the guard, during which the process stays alive. */
  async #awake<T>(promise: Promise<T>): Promise<T> {
    this.#guard.ref();
    try {
      return await promise;
    } finally {
      this.#guard.unref();
    }
  }

  /** Ends the program at once and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#guard.end();
    await this.#awake(this.#guardEnded);
  }
}

function logOf(folder: string): string {
  return join(folder, "log");
}

/**
 * Starts a guard in a session of its own and through a shell that ends at once. So it is nobody's child: neither Ctrl-C
 * nor the killing of a process group reaches it, nor Bun, which kills all children when a test takes too long.
 */
async function startGuard(folder: string, endSignal: NodeJS.Signals): Promise<Socket> {
  const connected = Promise.withResolvers<Socket>();
  const listener = createServer((socket) => connected.resolve(socket));
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(join(folder, SOCKET_NAME), resolve);
  });
  const output = openSync(logOf(folder), "a");
  const guard = [process.execPath, fileURLToPath(import.meta.resolve("./guard.ts")), folder, endSignal];
  Bun.spawnSync(["sh", "-c", '"$0" "$@" &', ...guard], { stdio: ["ignore", output, output], detached: true });
  closeSync(output);
  const late = () => connected.reject(new Error(`no guard: ${readFileSync(logOf(folder), "utf8")}`));
  const timer = setTimeout(late, GUARD_WITHIN_MS);
  try {
    return await connected.promise;
  } finally {
    clearTimeout(timer);
    listener.close();
  }
}

/**
 * A database server of a test's own, in a temporary folder: stopped, killed, frozen and started again as often as
 * wanted, always with the same data at the same port.
 *
 * It ends with the process that started it, however that ends, and does not keep that process alive (see guard.ts).
 */
import { join } from "node:path";
import { serverAccount } from "./account.ts";
import { eventually } from "./eventually.ts";
import { freePort, HOST, isFree } from "./free-port.ts";
import { GuardedFolder, type Program } from "./guard/guarded-folder.ts";
import { freezeTree, killTree, sendSignal, thawTree } from "./processes.ts";
import type { Engine, ServerKind, ThrowawayOptions } from "./server-kind.ts";
import { temporaryRoot } from "./temporary-root.ts";
import { createDatabase, type TestDatabase, type TestServer } from "./test-server.ts";

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 30_000;
const PORT_ATTEMPTS = 5;

/** A server that a test may do everything to. Disposing ends it at once and removes its data. */
export interface ThrowawayServer extends TestServer, AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The server's process. Throws while it does not run. */
  readonly pid: number;
  /** Ends it orderly, without waiting for its clients. Does nothing when it does not run. */
  stop(): Promise<void>;
  /** Ends the server and all its processes by SIGKILL; resolves when they are gone. Does nothing when it does not run. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port; resolves when it answers. Throws while it runs. */
  start(): Promise<void>;
  /** Stops it, with all its processes, in the midst of what it does: its connections stay open and get no answer. */
  freeze(): void;
  /** Lets it run again. */
  thaw(): void;
}

/** The one implementation, for every kind of server. */
export class Throwaway implements ThrowawayServer {
  readonly host: string = HOST;
  readonly port: number;
  readonly url: string;
  readonly #kind: ServerKind;
  readonly #folder: GuardedFolder;
  readonly #engine: Engine;
  #program: Program | undefined;
  #version = "";

  private constructor(kind: ServerKind, folder: GuardedFolder, engine: Engine, port: number) {
    this.#kind = kind;
    this.#folder = folder;
    this.#engine = engine;
    this.port = port;
    this.url = engine.url(port);
  }

  /** Makes a new server and starts it. */
  static async start(kind: ServerKind, options: ThrowawayOptions): Promise<Throwaway> {
    const account = serverAccount(kind.accountName);
    const prefix = join(temporaryRoot(kind.prefersMemory), `telepool-${kind.name.toLowerCase()}-`);
    const folder = await GuardedFolder.create({ prefix, account, endSignal: kind.endSignal });
    try {
      const engine = kind.engine({ folder: folder.path, account, options });
      await folder.run(engine.installCommand);
      engine.configure();
      return await Throwaway.#startAtFreePort((port) => new Throwaway(kind, folder, engine, port));
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A port that was free a moment ago can be another's by the time that the server takes it. */
  static async #startAtFreePort(serverAtPort: (port: number) => Throwaway): Promise<Throwaway> {
    for (let attempt = 1; ; attempt++) {
      const server = serverAtPort(await freePort());
      try {
        await server.start();
        return server;
      } catch (error) {
        if (attempt === PORT_ATTEMPTS || (await isFree(server.port))) throw error;
      }
    }
  }

  get version(): string {
    return this.#version;
  }

  get pid(): number {
    const { pid } = this.#running ?? {};
    if (pid === undefined) throw new Error(`the ${this.#kind.name} server does not run, so it has no process`);
    return pid;
  }

  get #running(): Program | undefined {
    return this.#program?.hasEnded === false ? this.#program : undefined;
  }

  createDatabase(): Promise<TestDatabase> {
    return createDatabase(this.url, this.#kind.administration);
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) throw new Error(`the ${this.#kind.name} server runs already`);
    const program = await this.#folder.launch(this.#engine.serveCommand(this.port));
    this.#program = program;
    try {
      this.#version = await this.#firstAnswer(program);
    } catch (cause) {
      await this.kill();
      throw new Error(`the ${this.#kind.name} server did not start\n${this.#folder.logTail()}`, { cause });
    }
  }

  async #firstAnswer(program: Program): Promise<string> {
    const url = this.#engine.socketUrl(this.port);
    const ask = async () => {
      try {
        return await this.#kind.administration.version(url);
      } catch (error) {
        if (program.hasEnded) throw error;
        return undefined;
      }
    };
    return await eventually(ask, { withinMs: READY_WITHIN_MS, what: "its first answer" });
  }

  async stop(): Promise<void> {
    const program = this.#running;
    if (program === undefined) return;
    thawTree(program.pid); // a frozen process does not hear the signal
    sendSignal(program.pid, this.#kind.stopSignal);
    await this.#endOf(program, this.#kind.stopSignal);
  }

  async kill(): Promise<void> {
    const program = this.#running;
    if (program === undefined) return;
    await killTree(program.pid);
    await this.#endOf(program, "SIGKILL");
    this.#engine.cleanUpAfterKill();
  }

  async #endOf(program: Program, signal: string): Promise<void> {
    const what = `the end of the ${this.#kind.name} server after ${signal}`;
    await eventually(() => program.hasEnded, { withinMs: END_WITHIN_MS, what });
  }

  freeze(): void {
    freezeTree(this.pid);
  }

  thaw(): void {
    thawTree(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

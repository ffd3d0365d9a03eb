/**
 * R2 of a test's own: Cloudflare's simulator in a process beside ours, with one bucket, stopped, killed and started again
 * as often as wanted, always with the same objects at the same port.
 *
 * It ends with the process that started it, however that ends, and does not keep that process alive (see guard.ts).
 * It checks credentials, signatures, the request's time, `If-None-Match` and `Content-MD5`; it checks no
 * `x-amz-checksum-*`, limits no rates, knows no permissions and sends no `Date`. About 250 MB of memory.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../eventually.ts";
import { freePort, HOST, isFree } from "../free-port.ts";
import { GuardedFolder, type Program } from "../guard/guarded-folder.ts";
import { killTree, sendSignal } from "../processes.ts";
import { temporaryRoot } from "../temporary-root.ts";

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 30_000;
const PORT_ATTEMPTS = 5;
const PROGRAM = fileURLToPath(import.meta.resolve("./serve-r2.ts"));

/** What signs the requests to a bucket. */
export interface R2Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** How the bucket is called and who may come in; both have random names otherwise. */
export interface R2ServerOptions {
  readonly bucket?: string;
  readonly credentials?: R2Credentials;
}

/** A bucket that a test may do everything to. Disposing ends the server at once and removes its objects. */
export interface R2Server extends AsyncDisposable {
  /** For clients that put the bucket into the path; the region is `auto`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: R2Credentials;
  /** Where the objects are. Removed with the server. */
  readonly persistFolder: string;
  /** The server's process. Throws while it does not run. */
  readonly pid: number;
  /** Ends it orderly; the objects stay. Does nothing when it does not run. */
  stop(): Promise<void>;
  /** Ends it and all its processes by SIGKILL; resolves when they are gone. Does nothing when it does not run. */
  kill(): Promise<void>;
  /** Starts it on the same objects and port, having stopped it if it runs; resolves when it answers. */
  restart(): Promise<void>;
}

/** Starts R2 with one empty bucket, in about a second. */
export async function startR2(options: R2ServerOptions = {}): Promise<R2Server> {
  const { bucket = `telepool-test-${randomBytes(4).toString("hex")}`, credentials = randomCredentials() } = options;
  const prefix = join(temporaryRoot(false), "telepool-r2-");
  const folder = await GuardedFolder.create({ prefix, account: undefined, endSignal: "SIGKILL" });
  try {
    return await startAtFreePort((port) => new MiniflareR2(folder, port, bucket, credentials));
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of the lengths that R2's have. */
function randomCredentials(): R2Credentials {
  return { accessKeyId: randomBytes(16).toString("hex"), secretAccessKey: randomBytes(32).toString("hex") };
}

/** A port that was free a moment ago can be another's by the time that the server takes it. */
async function startAtFreePort(serverAtPort: (port: number) => MiniflareR2): Promise<MiniflareR2> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const server = serverAtPort(port);
    try {
      await server.restart();
      return server;
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || (await isFree(port))) throw error;
    }
  }
}

class MiniflareR2 implements R2Server {
  readonly endpoint: string;
  readonly bucket: string;
  readonly credentials: R2Credentials;
  readonly persistFolder: string;
  readonly #folder: GuardedFolder;
  readonly #command: readonly string[];
  #program: Program | undefined;

  constructor(folder: GuardedFolder, port: number, bucket: string, credentials: R2Credentials) {
    this.#folder = folder;
    this.endpoint = `http://${HOST}:${port}/cdn-cgi/local/r2/s3`;
    this.bucket = bucket;
    this.credentials = credentials;
    this.persistFolder = join(folder.path, "objects");
    const temporary = join(folder.path, "tmp"); // what it leaves behind when it is killed goes with the folder
    mkdirSync(temporary, { recursive: true });
    const { accessKeyId, secretAccessKey } = credentials;
    const args = [String(port), this.persistFolder, bucket, accessKeyId, secretAccessKey];
    this.#command = ["env", `TMPDIR=${temporary}`, process.execPath, PROGRAM, ...args];
  }

  get pid(): number {
    const { pid } = this.#running ?? {};
    if (pid === undefined) throw new Error("the R2 server does not run, so it has no process");
    return pid;
  }

  get #running(): Program | undefined {
    return this.#program?.hasEnded === false ? this.#program : undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    const program = await this.#folder.launch(this.#command);
    this.#program = program;
    try {
      const what = "the first answer of the R2 server";
      await eventually(() => this.#answers(program), { withinMs: READY_WITHIN_MS, what });
    } catch (cause) {
      await this.kill();
      throw new Error(`the R2 server did not start\n${this.#folder.logTail()}`, { cause });
    }
  }

  /** It refuses an unsigned request; whoever else listens at the port does not in this way. */
  async #answers(program: Program): Promise<boolean> {
    if (program.hasEnded) throw new Error("it has ended");
    try {
      const answer = await fetch(`${this.endpoint}/${this.bucket}`);
      return (await answer.text()).includes("<Error>");
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await this.#end((pid) => sendSignal(pid, "SIGTERM"));
  }

  async kill(): Promise<void> {
    await this.#end(killTree);
  }

  async #end(order: (pid: number) => boolean | Promise<void>): Promise<void> {
    const program = this.#running;
    if (program === undefined) return;
    await order(program.pid);
    await eventually(() => program.hasEnded, { withinMs: END_WITHIN_MS, what: "the end of the R2 server" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** Servers as processes of their own, each on a free port, with telepool's defaults and nothing of the environment's. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainEnvironment } from "../env.ts";

const SERVER = join(import.meta.dir, "../../../apps/server/src/main.ts");
const STORELESS = fileURLToPath(import.meta.resolve("./storeless-server.ts"));

/** A server that listens. Disposing ends it in order. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: URL;
  readonly pid: number;
}

/** The real server, from its sources, on an SQLite file. */
export function startServer(path: string): Promise<ServerProcess> {
  return start([process.execPath, SERVER], settings(path));
}

/** The same out of the executable that `pnpm build:binary` makes, as an image or a unit runs it. */
export function startBinary(binary: string, path: string): Promise<ServerProcess> {
  return start([binary, "serve"], settings(path));
}

function settings(path: string): Readonly<Record<string, string>> {
  return { TELEPOOL_DB_URL: `sqlite://${path}`, TELEPOOL_PORT: "0", TELEPOOL_HOST: "127.0.0.1" };
}

/** The same server over a store that keeps nothing: it only checks what comes, or queues it too. */
export function startStoreless(kind: "checking" | "queueing"): Promise<ServerProcess> {
  return start([process.execPath, STORELESS, kind], {});
}

async function start(command: readonly string[], variables: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = Bun.spawn([...command], {
    env: { ...plainEnvironment(), ...variables },
    stdout: "pipe",
    stderr: "inherit",
  });
  const end = async (): Promise<void> => {
    server.kill("SIGTERM");
    await server.exited;
  };
  try {
    return { url: await listeningUrl(server.stdout), pid: server.pid, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The address in the line that the server prints when it listens. */
async function listeningUrl(stdout: ReadableStream<Uint8Array>): Promise<URL> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdout) {
    text += decoder.decode(chunk, { stream: true });
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return new URL(url);
  }
  throw new Error("the server ended before it listened");
}

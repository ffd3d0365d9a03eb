/**
 * An HTTP proxy on 127.0.0.1 between a client and a storage that speaks the S3 protocol, for tests of what can happen
 * between them. It knows requests, where `TcpProxy` knows bytes; a request is passed on once it has come as a whole.
 *
 * A signature covers the `Host` header: it is passed on as it came, with the proxy's port, which R2's simulator accepts.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { HOST } from "../free-port.ts";
import type { DelayFault, Fault, Faults, StorageRequest } from "./fault.ts";
import { faultAnswer } from "./fault-answer.ts";

/** Said of one connection only, or written anew by whoever passes the body on. */
const HOP_HEADERS = new Set(["connection", "keep-alive", "transfer-encoding"]);

/** Where the storage is. */
export interface StorageTarget {
  readonly endpoint: string;
}

interface WholeRequest extends StorageRequest {
  readonly body: Uint8Array;
}

/** An answer of the storage, as it is passed on. */
interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** A proxy in front of a storage. Disposing destroys all connections and stops listening. */
export class StorageProxy implements AsyncDisposable {
  /** What happens to the requests from now on. */
  faults: Faults = () => undefined;
  /** While it is true, connections are closed as soon as a request comes; the storage sees none. */
  down = false;
  /** Everything that came, in order. */
  readonly requests: StorageRequest[] = [];
  readonly #target: URL;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  readonly #attempts = new Map<string, number>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#listener = createServer((request, response) => void this.#serve(request, response));
    this.#listener.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens on a free port. */
  static async start(target: string): Promise<StorageProxy> {
    const proxy = new StorageProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#listener.once("error", reject);
      proxy.#listener.listen(0, HOST, resolve);
    });
    return proxy;
  }

  /** The storage's endpoint, led through the proxy. */
  get endpoint(): string {
    const { port } = this.#listener.address() as AddressInfo; // it listens on TCP since `start`
    return `http://${HOST}:${port}${this.#target.pathname.replace(/\/$/, "")}`;
  }

  /** How many connections the clients have open. */
  get connections(): number {
    return this.#sockets.size;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const body = await bodyOf(incoming);
      const request = this.#note(incoming, body.length);
      const fault = this.down ? { kind: "cutBeforeForward" as const } : this.faults(request);
      await this.#answer(incoming, { ...request, body }, response, fault);
    } catch {
      incoming.socket.destroy(); // the storage is gone, or the client
    }
  }

  #note(incoming: IncomingMessage, bytes: number): StorageRequest {
    const url = new URL(incoming.url ?? "/", this.endpoint);
    const base = this.#target.pathname.replace(/\/$/, "");
    const key = url.pathname.slice(base.length).split("/").slice(2).map(decodeURIComponent).join("/");
    const { method = "GET" } = incoming;
    const attempt = (this.#attempts.get(`${method} ${incoming.url}`) ?? 0) + 1;
    this.#attempts.set(`${method} ${incoming.url}`, attempt);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const query = Object.fromEntries(url.searchParams);
    const request = { method, key, query, headers, bytes, attempt };
    this.requests.push(request);
    return request;
  }

  async #answer(
    incoming: IncomingMessage,
    request: WholeRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    if (fault?.kind === "cutBeforeForward") return void incoming.socket.destroy();
    if (fault?.kind === "answer") {
      const { headers, body } = faultAnswer(fault);
      return send(response, { status: fault.status, headers, body: Buffer.from(body) });
    }
    if (fault?.kind === "delay") await delay(fault);
    const answer = await this.#forward(incoming.url ?? "/", request);
    if (fault?.kind === "swallowReply") return void incoming.socket.destroy();
    if (fault?.kind === "truncate") return sendHalf(response, answer, () => incoming.socket.destroy());
    if (fault?.kind === "stall") return sendHalf(response, answer, () => {});
    if (fault?.kind === "corrupt") return send(response, { ...answer, body: corrupted(answer.body) });
    send(response, answer);
  }

  async #forward(url: string, { method, headers, body }: WholeRequest): Promise<Answer> {
    const sent = Object.entries(headers).filter(([name]) => !HOP_HEADERS.has(name));
    const answer = await fetch(new URL(url, this.#target), {
      method,
      headers: sent.map(([name, value]): [string, string] => [name, value]),
      redirect: "manual",
      decompress: false,
      ...(method === "GET" || method === "HEAD" ? {} : { body: Buffer.from(body) }),
    });
    const kept = [...answer.headers].filter(([name]) => !HOP_HEADERS.has(name));
    return { status: answer.status, headers: Object.fromEntries(kept), body: await answer.bytes() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Starts a proxy in front of this storage, which need not be there: then connections are destroyed. */
export function startStorageProxy(target: StorageTarget): Promise<StorageProxy> {
  return StorageProxy.start(target.endpoint);
}

function delay({ ms, clock }: DelayFault): Promise<void> {
  return new Promise((resolve) => {
    if (clock === undefined) setTimeout(resolve, ms);
    else clock.setTimer(resolve, ms);
  });
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers);
  response.end(body.length === 0 ? undefined : body);
}

function sendHalf(response: ServerResponse, { status, headers, body }: Answer, then: () => void): void {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.write(body.subarray(0, body.length >> 1), () => setImmediate(then));
}

function corrupted(body: Uint8Array): Uint8Array {
  const other = Uint8Array.from(body);
  const middle = other.length >> 1;
  other[middle] = (other[middle] ?? 0) ^ 1;
  return other;
}

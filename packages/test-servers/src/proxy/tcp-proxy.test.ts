import { expect, test } from "bun:test";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "../eventually.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const SOON = { withinMs: 60_000, what: "it" };
const BIG = 300_000;

/** Echoes what it hears, except that it answers "big" with 300,000 bytes and "bye" by closing. */
class EchoServer implements AsyncDisposable {
  readonly host = "127.0.0.1";
  heard = "";
  readonly sockets = new Set<Socket>();
  readonly #listener: Server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));

  static async start(): Promise<EchoServer> {
    const server = new EchoServer();
    await new Promise<void>((resolve) => server.#listener.listen(0, server.host, resolve));
    return server;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("data", (chunk) => {
      this.heard += chunk;
      const answers: Record<string, () => void> = {
        big: () => socket.write(Buffer.alloc(BIG, "x")),
        bye: () => socket.end(),
      };
      (answers[String(chunk)] ?? (() => socket.write(chunk)))();
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => {});
    socket.on("close", () => this.sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}

/** A client that remembers what happened to it. */
class Client implements Disposable {
  received = "";
  /** "end" for a FIN, the code of an error otherwise. */
  fate = "";
  readonly #socket: Socket;

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on("data", (chunk) => {
      this.received += chunk;
    });
    this.#socket.on("end", () => {
      this.fate ||= "end";
    });
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.fate ||= error.code ?? error.message;
    });
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  async hears(text: string): Promise<void> {
    await eventually(() => this.received === text, { ...SOON, what: `"${text}"` });
  }

  async fateIs(fate: string): Promise<void> {
    await eventually(() => this.fate !== "", { ...SOON, what: "the end of the connection" });
    expect(this.fate).toBe(fate);
  }

  close(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Time in which whatever is on its way would have arrived: round trips elsewhere. */
async function roundTrips(): Promise<void> {
  await using elsewhere = await EchoServer.start();
  for (let trip = 0; trip < 20; trip++) {
    using client = new Client(elsewhere);
    client.say("hello");
    await client.hears("hello");
  }
}

test("what a client and a server say is passed on, whoever closes first", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using first = new Client(proxy);
  using second = new Client(proxy);
  first.say("hello");
  second.say("big");
  await first.hears("hello");
  await second.hears("x".repeat(BIG));
  expect(proxy.connections).toBe(2);

  first.close();
  second.say("bye");
  await first.fateIs("end");
  await second.fateIs("end");
  await eventually(() => proxy.connections === 0, SOON);
  await eventually(() => server.sockets.size === 0, SOON);
});

test("through leads a URL through the proxy and leaves the rest of it alone", async () => {
  await using proxy = await TcpProxy.start({ host: "127.0.0.1", port: 1 });
  expect(proxy.through("postgresql://me:p%40ss@db.example:5432/name?sslmode=disable")).toBe(
    `postgresql://me:p%40ss@127.0.0.1:${proxy.port}/name?sslmode=disable`,
  );
});

test("a client is reset when the server is not there", async () => {
  const server = await EchoServer.start();
  await using proxy = await TcpProxy.start({ host: server.host, port: server.port });
  await server[Symbol.asyncDispose]();
  using client = new Client(proxy);
  await client.fateIs("ECONNRESET");
  await eventually(() => proxy.connections === 0, SOON);
});

test("delayMs comes on top in both directions and keeps the order", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using client = new Client(proxy);
  client.say("0");
  await client.hears("0");

  proxy.delayMs = 40;
  const began = performance.now();
  for (const digit of "123456789") client.say(digit);
  await client.hears("0123456789");
  expect(performance.now() - began).toBeGreaterThanOrEqual(80);
});

test("cut resets every connection on both sides, and new ones can be made", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using first = new Client(proxy);
  using second = new Client(proxy);
  first.say("a");
  second.say("b");
  await first.hears("a");
  await second.hears("b");

  proxy.cut();
  await first.fateIs("ECONNRESET");
  await second.fateIs("ECONNRESET");
  await eventually(() => server.sockets.size === 0, SOON);
  expect(proxy.connections).toBe(0);

  using third = new Client(proxy);
  third.say("c");
  await third.hears("c");
});

test.each([0, 1, 1000])("cutAfterBytes(%d) cuts one connection in the middle of what it receives", async (bytes) => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using other = new Client(proxy);
  using victim = new Client(proxy);
  victim.say("before");
  await victim.hears("before");

  proxy.cutAfterBytes(bytes);
  victim.say("big");
  await victim.fateIs("ECONNRESET");
  expect(victim.received).toBe(`before${"x".repeat(bytes)}`);
  other.say("still here");
  await other.hears("still here");
});

test("cutAfterBytes counts across several answers", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using victim = new Client(proxy);
  proxy.cutAfterBytes(8);
  victim.say("12345");
  await victim.hears("12345");
  victim.say("67890");
  await victim.fateIs("ECONNRESET");
  expect(victim.received).toBe("12345678");
});

test("cutAfter lets the pattern arrive, and its answer is lost with the connection", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using other = new Client(proxy);
  using victim = new Client(proxy);
  proxy.cutAfter("COMMIT");
  victim.say("insert");
  await victim.hears("insert");
  victim.say("COMMIT;");
  await victim.fateIs("ECONNRESET");
  expect(victim.received).toBe("insert");
  expect(server.heard).toBe("insertCOMMIT;");

  other.say("COMMIT");
  await other.hears("COMMIT");
  await eventually(() => server.sockets.size === 1, SOON);
});

test("cutAfter finds a pattern of bytes that arrives in pieces, but not in the words of two clients", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using other = new Client(proxy);
  using victim = new Client(proxy);
  proxy.cutAfter(new TextEncoder().encode("COMMIT"));
  victim.say("COM");
  await victim.hears("COM");
  other.say("MIT");
  await other.hears("MIT");
  victim.say("MIT");
  await victim.fateIs("ECONNRESET");
  expect(victim.received).toBe("COM");
});

test("cutAfter refuses an empty pattern", async () => {
  await using proxy = await TcpProxy.start({ host: "127.0.0.1", port: 1 });
  expect(() => proxy.cutAfter("")).toThrow("at least one byte");
});

test("a black hole holds everything in both directions, and restore lets it go on", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using before = new Client(proxy);
  before.say("1");
  await before.hears("1");

  proxy.blackhole();
  using during = new Client(proxy);
  before.say("2");
  during.say("3");
  for (const socket of server.sockets) socket.write("4");
  await eventually(() => proxy.connections === 2, SOON);
  await roundTrips();
  expect([before.received, during.received, server.heard]).toEqual(["1", "", "1"]);
  expect([before.fate, during.fate]).toEqual(["", ""]);

  proxy.restore();
  await before.hears("142");
  await during.hears("3");
});

test("a black hole hides that a client has closed", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using client = new Client(proxy);
  client.say("1");
  await client.hears("1");
  proxy.blackhole();
  client.close();
  await eventually(() => proxy.connections === 0, SOON);
  await roundTrips();
  expect(server.sockets.size).toBe(1);

  proxy.restore();
  await eventually(() => server.sockets.size === 0, SOON);
});

test("refuse resets new connections and leaves the others alone, until accept", async () => {
  await using server = await EchoServer.start();
  await using proxy = await TcpProxy.start(server);
  using before = new Client(proxy);
  before.say("1");
  await before.hears("1");

  proxy.refuse();
  using refused = new Client(proxy);
  await refused.fateIs("ECONNRESET");
  before.say("2");
  await before.hears("12");
  expect(server.sockets.size).toBe(1);

  proxy.accept();
  using after = new Client(proxy);
  after.say("3");
  await after.hears("3");
});

test("disposing resets what is open and stops listening", async () => {
  await using server = await EchoServer.start();
  const proxy = await TcpProxy.start(server);
  const { host, port } = proxy;
  using client = new Client(proxy);
  client.say("1");
  await client.hears("1");
  await proxy[Symbol.asyncDispose]();
  await client.fateIs("ECONNRESET");
  using late = new Client({ host, port });
  await late.fateIs("ECONNREFUSED");
});

/**
 * A connection that sends one prepared request after another and looks at what is answered. It costs its process no more
 * than wrk does, as on a machine of few cores the generator of a load takes its time from the server.
 *
 * Knows what the server's answers look like, and no more of HTTP: a status, `content-length`, one answer for each request.
 */

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** How long head and body are together. */
  readonly bytes: number;
}

/** The head at the beginning of a text in latin1; undefined while it is incomplete. */
export function answerHead(text: string): AnswerHead | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2))?.[1];
  if (status === undefined || length === undefined) throw new Error(`not understood: ${text.slice(0, end)}`);
  return { status: Number(status), bytes: end + 4 + Number(length) };
}

/** A POST of JSON as it goes over the wire. */
export function postRequest(url: URL, body: string): Uint8Array {
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `host: ${url.host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Gives one of the requests after the other, over and over. */
export function inTurn(requests: readonly Uint8Array[]): () => Uint8Array {
  let position = 0;
  return () => {
    const request = requests[position++ % requests.length];
    if (request === undefined) throw new Error("there is no request to send");
    return request;
  };
}

/** What connections need of their owner. */
export interface ConnectionOwner {
  nextRequest(): Uint8Array;
  /** A row was stored; the connection is free. */
  onStored(connection: KeepAliveConnection): void;
  /** It was lost, or the answer was another than 201. */
  onFailed(error: Error): void;
}

/** One request is under way at a time. */
export class KeepAliveConnection {
  readonly #owner: ConnectionOwner;
  #socket: Bun.Socket | undefined;
  #arrived = "";
  /** For whoever schedules requests: when the one under way should have been sent. */
  intendedMs = 0;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  async open({ hostname, port }: URL): Promise<void> {
    this.#socket = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data: (_, chunk) => this.#receive(chunk),
        close: () => this.#owner.onFailed(new Error("the server closed a connection")),
        error: (_, error) => this.#owner.onFailed(error),
      },
    });
  }

  send(): void {
    const request = this.#owner.nextRequest();
    if (this.#socket?.write(request) !== request.length)
      this.#owner.onFailed(new Error("the server does not read a request"));
  }

  end(): void {
    this.#socket?.end();
  }

  #receive(chunk: Buffer): void {
    this.#arrived += chunk.toString("latin1");
    const head = answerHead(this.#arrived);
    if (head === undefined || this.#arrived.length < head.bytes) return;
    const answer = this.#arrived;
    this.#arrived = "";
    if (head.status === 201 && answer.length === head.bytes) this.#owner.onStored(this);
    else this.#owner.onFailed(new Error(`the server answered ${answer}`));
  }
}

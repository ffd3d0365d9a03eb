/** What a proxy waits for in order to cut one connection; each trap closes once. */

/** Waits for a number of bytes from the server, counted on the first connection that receives any. */
export class ByteTrap {
  #left: number;
  #victim: object | undefined;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** How much of this chunk may still pass; `undefined` when the connection is to live on. */
  allows(connection: object, chunk: Uint8Array): number | undefined {
    this.#victim ??= connection;
    if (this.#victim !== connection) return undefined;
    if (chunk.length >= this.#left) return this.#left;
    this.#left -= chunk.length;
    return undefined;
  }
}

/** Waits for bytes from a client, also when they arrive in several chunks. */
export class PatternTrap {
  readonly #pattern: Buffer;
  /** The end of what each connection has sent, too short to hold the pattern. */
  readonly #tails = new WeakMap<object, Buffer>();

  constructor(pattern: string | Uint8Array) {
    this.#pattern = Buffer.from(pattern as string); // Buffer.from has a signature for each of the two, and none for both
    if (this.#pattern.length === 0) throw new Error("a pattern holds at least one byte");
  }

  /** Whether the pattern has been sent with this chunk. */
  matches(connection: object, chunk: Uint8Array): boolean {
    const seen = Buffer.concat([this.#tails.get(connection) ?? Buffer.alloc(0), chunk]);
    this.#tails.set(connection, seen.subarray(Math.max(0, seen.length - this.#pattern.length + 1)));
    return seen.includes(this.#pattern);
  }
}

/**
 * Reads the wire format of protobuf: tags, numbers and lengths, never beyond the end of what it was given.
 *
 * Groups, which proto3 does not have, are refused like every other sign of damage.
 */
import { MalformedError } from "./telemetry-value.ts";

/** How a value is written. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A place in a message. */
export class WireReader {
  readonly #buffer: Buffer;
  #at = 0;
  #end: number;
  /** The upper 32 bits of the varint that was read last. */
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  /** Whether the message that was entered last has been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Enters a message, which begins with its length; returns what `leave` needs. */
  enter(): number {
    const length = this.#length();
    const outerEnd = this.#end;
    this.#end = this.#at + length;
    return outerEnd;
  }

  /** Goes on behind the message that was entered. */
  leave(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** The number of the next field times 8, and how it is written. */
  tag(): number {
    const tag = this.#varint();
    if (this.#high !== 0 || tag < 8) throw new MalformedError("it has a field without a number");
    return tag;
  }

  /** Goes past a value. */
  skip(wire: number): void {
    if (wire === WIRE.varint) this.#varint();
    else if (wire === WIRE.fixed64) this.#advance(8);
    else if (wire === WIRE.bytes) this.#advance(this.#length());
    else if (wire === WIRE.fixed32) this.#advance(4);
    else throw new MalformedError(`it has a value of wire type ${wire}, which proto3 does not have`);
  }

  /** A varint's lower 32 bits. */
  uint32(): number {
    return this.#varint();
  }

  int32(): number {
    return this.#varint() | 0;
  }

  sint32(): number {
    const zigzag = this.#varint();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  uint64(): bigint {
    const low = this.#varint();
    return this.#high === 0 ? BigInt(low) : (BigInt(this.#high) << 32n) | BigInt(low);
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  bool(): boolean {
    return this.#varint() !== 0 || this.#high !== 0;
  }

  fixed32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  fixed64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#advance(8));
  }

  sfixed64(): bigint {
    return this.#buffer.readBigInt64LE(this.#advance(8));
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#advance(8));
  }

  /** Text; what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return this.#encoded("utf8");
  }

  base64(): string {
    return this.#encoded("base64");
  }

  /** Bytes as hexadecimal digits; `""` unless there are as many as `bytes`. */
  hex(bytes: number): string {
    const length = this.#length();
    const start = this.#advance(length);
    return length === bytes ? this.#buffer.toString("hex", start, start + length) : "";
  }

  /** The bytes themselves, not a copy. */
  bytes(): Uint8Array {
    const length = this.#length();
    const start = this.#advance(length);
    return this.#buffer.subarray(start, start + length);
  }

  #encoded(encoding: "utf8" | "base64"): string {
    const length = this.#length();
    const start = this.#advance(length);
    return this.#buffer.toString(encoding, start, start + length);
  }

  #length(): number {
    const length = this.#varint();
    if (this.#high !== 0 || length > this.#end - this.#at) throw truncated();
    return length;
  }

  /** Moves on; returns where it was. */
  #advance(bytes: number): number {
    if (bytes > this.#end - this.#at) throw truncated();
    const start = this.#at;
    this.#at += bytes;
    return start;
  }

  #varint(): number {
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const byte = this.#buffer[this.#advance(1)] ?? 0; // there is one: #advance has checked
      const bits = byte & 0x7f;
      const shift = index * 7;
      if (shift < 32) low |= bits << shift;
      if (shift > 24) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
      if (byte < 0x80) {
        this.#high = high >>> 0;
        return low >>> 0;
      }
    }
    throw new MalformedError("it has a number of more than ten bytes");
  }
}

function truncated(): MalformedError {
  return new MalformedError("it ends in the middle of a field");
}

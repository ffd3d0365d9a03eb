import { describe, expect, test } from "bun:test";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { DecodeBudget, MalformedError } from "./decoder.ts";
import type { Decoded, MessageName } from "./messages.ts";
import { protobufDecoder } from "./protobuf.ts";

function read<M extends MessageName>(message: M, body: Uint8Array): Partial<Decoded<M>> {
  const decoded = protobufDecoder.read(protobufDecoder.open(body), message, new DecodeBudget(1000, 1000));
  return JSON.parse(JSON.stringify(decoded)); // without what is absent
}
const bytes = (...all: number[]) => Uint8Array.from(all);
const truncated = "it ends in the middle of a field";

describe("a message", () => {
  test.each<[what: string, body: Uint8Array]>([
    ["a tag", bytes(0x80)],
    ["a varint", bytes(0x50, 0x80)],
    ["a number of eight bytes", bytes(0x39, 1, 2, 3, 4, 5, 6, 7)],
    ["a number of four bytes", bytes(0x85, 0x01, 1, 2, 3)],
    ["text", bytes(0x2a, 5, 97, 98)],
    ["text of 4 GiB", bytes(0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f, 97)],
    ["an id", bytes(0x0a, 16, 1, 2, 3)],
    ["a message", bytes(0x7a, 5, 0x18)],
    ["an attribute", bytes(0x4a, 9, 0x0a, 1, 97)],
    ["a field that is not known", bytes(0xfa, 0x01, 9, 0)],
  ])("never reads beyond its end: %s", (_, body) => {
    expect(() => read("Span", body)).toThrow(MalformedError);
    expect(() => read("Span", body)).toThrow(truncated);
  });

  test.each<[what: string, message: MessageName, body: Uint8Array]>([
    ["text", "Span", bytes(0x7a, 2, 0x12, 3, 97, 98, 99)],
    ["a number of eight bytes", "Exemplar", bytes(0x3a, 3, 0x0a, 0, 0x11, 1, 1, 1, 1, 1, 1, 1, 1)],
    ["a varint", "Span", bytes(0x7a, 2, 0x18, 0x81, 0x01)],
    ["a packed number", "Buckets", bytes(0x12, 1, 0x81, 0x01)],
    ["what is skipped", "Span", bytes(0x7a, 2, 0xa2, 0x06, 0x01, 0x00)],
    ["a value in a value", "KeyValue", bytes(0x12, 4, 0x2a, 6, 0x0a, 4, 0x0a, 2, 97, 98)],
  ])("that ends before what is in it does, in the middle of a body, is refused: %s", (_, message, body) => {
    expect(() => read(message, body)).toThrow(truncated);
  });

  test("with a number of more than ten bytes is refused", () => {
    expect(() => read("Span", bytes(0x50, ...Array(10).fill(0x80), 1))).toThrow(MalformedError);
    expect(() => read("Buckets", bytes(0x10, ...Array(10).fill(0x80), 1))).toThrow(MalformedError);
  });

  test("with a field of the number 0, or beyond 2^29, or of a wire type that there is not, is refused", () => {
    for (const tag of [[0], [7], [0x80, 0x80, 0x80, 0x80, 0x10], [0x0e], [0x0f], [0x0c]]) {
      expect(() => read("Span", bytes(...tag, 0, 0))).toThrow("it is not valid protobuf");
    }
  });

  test("with a group, which proto3 does not have, is refused", () => {
    for (const body of [bytes(0xa3, 0x06, 0x08, 1, 0xa4, 0x06), bytes(0x0b, 0x0c), bytes(0xa4, 0x06)]) {
      expect(() => read("Span", body)).toThrow(MalformedError);
    }
  });

  test("skips what is written in another way than its table says", () => {
    expect(read("Span", bytes(0x28, 1, 0x3a, 1, 0, 0x4d, 1, 2, 3, 4, 0x2a, 1, 97))).toEqual({ name: "a" });
  });

  test("has the last of what was sent twice", () => {
    expect(read("Span", bytes(0x2a, 1, 97, 0x2a, 1, 98, 0x50, 7, 0x50, 0))).toEqual({ name: "b" });
  });

  test("takes numbers of a list packed, and one by one", () => {
    const packed = new BinaryWriter()
      .tag(2, 2)
      .fork()
      .uint64(1)
      .uint64(2n ** 64n - 1n)
      .join();
    expect(read("Buckets", packed.tag(2, 0).uint64(0).finish())).toEqual({
      bucketCounts: [1, "18446744073709551615", 0],
    });
  });

  test("reads bytes out of the middle of a larger buffer", () => {
    expect(read("Span", bytes(9, 9, 0x2a, 3, 97, 98, 99, 9).subarray(2, 7))).toEqual({ name: "abc" });
  });
});

test("a fault of our own is not taken for the client's", () => {
  class Faulty extends DecodeBudget {
    override takeValue(): never {
      throw new TypeError("a fault");
    }
  }
  expect(() => protobufDecoder.read(bytes(0x4a, 0), "Span", new Faulty(1))).toThrow(TypeError);
});

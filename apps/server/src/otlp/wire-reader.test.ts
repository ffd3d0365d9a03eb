import { describe, expect, test } from "bun:test";
import { MalformedError } from "./telemetry-value.ts";
import { WIRE, WireReader } from "./wire-reader.ts";

const reader = (...bytes: number[]) => new WireReader(Uint8Array.from(bytes));

describe("a varint", () => {
  test.each<[bytes: number[], value: bigint]>([
    [[0x00], 0n],
    [[0x7f], 127n],
    [[0x80, 0x01], 128n],
    [[0xff, 0xff, 0xff, 0x7f], 2n ** 28n - 1n],
    [[0xff, 0xff, 0xff, 0xff, 0x0f], 2n ** 32n - 1n],
    [[0x80, 0x80, 0x80, 0x80, 0x10], 2n ** 32n],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], 2n ** 53n - 1n],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 2n ** 63n],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 2n ** 64n - 1n],
  ])("of %p is read in full", (bytes, value) => {
    expect(reader(...bytes).uint64()).toBe(value);
    expect(reader(...bytes).int64()).toBe(BigInt.asIntN(64, value));
    expect(reader(...bytes).uint32()).toBe(Number(BigInt.asUintN(32, value)));
    expect(reader(...bytes).int32()).toBe(Number(BigInt.asIntN(32, value)));
    expect(reader(...bytes).bool()).toBe(value !== 0n);
  });

  test("in zigzag is negative where it is odd", () => {
    const values = [[0], [1], [2], [3], [0xfe, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0x0f]];
    expect(values.map((bytes) => reader(...bytes).sint32())).toEqual([0, -1, 1, -2, 2 ** 31 - 1, -(2 ** 31)]);
  });

  test("of more than ten bytes is refused", () => {
    expect(() => reader(...Array(11).fill(0x80), 1).uint64()).toThrow(MalformedError);
  });
});

describe("a reader", () => {
  test.each<[what: string, bytes: number[], read: (from: WireReader) => unknown]>([
    ["a varint", [0x80], (from) => from.uint64()],
    ["a number of eight bytes", [1, 2, 3, 4, 5, 6, 7], (from) => from.fixed64()],
    ["a double", [1, 2, 3], (from) => from.double()],
    ["a number of four bytes", [1, 2, 3], (from) => from.fixed32()],
    ["text", [5, 97, 98], (from) => from.text()],
    ["text of 4 GiB", [0xff, 0xff, 0xff, 0xff, 0x0f, 97], (from) => from.text()],
    ["bytes of 2^63", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 97], (from) => from.bytes()],
    ["a message", [5, 0], (from) => from.enter()],
    ["what is skipped", [9, 0], (from) => from.skip(WIRE.bytes)],
  ])("never reads beyond its end: %s", (_, bytes, read) => {
    expect(() => read(reader(...bytes))).toThrow("it ends in the middle of a field");
  });

  test("never reads beyond the end of the message that it has entered", () => {
    const from = reader(2, 0x0a, 0x03, 97, 98, 99);
    from.enter();
    expect(from.tag()).toBe(0x0a);
    expect(() => from.text()).toThrow("it ends in the middle of a field");
  });

  test("goes on behind a message that it leaves", () => {
    const from = reader(1, 7, 8);
    const outerEnd = from.enter();
    expect(from.uint32()).toBe(7);
    expect(from.isAtEnd).toBe(true);
    from.leave(outerEnd);
    expect(from.uint32()).toBe(8);
    expect(from.isAtEnd).toBe(true);
  });

  test("refuses a field with the number 0, one beyond 2^29, and groups", () => {
    for (const bytes of [[0], [7], [0x80, 0x80, 0x80, 0x80, 0x10]])
      expect(() => reader(...bytes).tag()).toThrow(MalformedError);
    for (const wire of [3, 4, 6, 7]) expect(() => reader(0, 0).skip(wire)).toThrow(`wire type ${wire}`);
  });

  test("reads bytes out of the middle of a larger buffer", () => {
    const from = new WireReader(Uint8Array.from([9, 9, 3, 97, 98, 99, 9]).subarray(2, 6));
    expect(from.text()).toBe("abc");
    expect(from.isAtEnd).toBe(true);
  });
});

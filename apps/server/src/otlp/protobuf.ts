/**
 * Reads messages from protobuf, by their tables, and writes answers. It is loaded with the first request that is protobuf: a
 * server that gets none saves the memory.
 *
 * As every proto3 parser does: fields that are not known, or are written in another way than the table says, are skipped;
 * of a field that was sent twice the last one counts; numbers in a list may be packed or not.
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type DecodeBudget, type Decoder, depthOf, MalformedError, put, type Target } from "./decoder.ts";
import { type Decoded, type Field, type MessageName, type ScalarKind, TABLES } from "./messages.ts";
import { checkedId, cleanText, jsonDouble, jsonInteger, nanosText } from "./telemetry-value.ts";

interface Scalar {
  readonly wire: WireType;
  readonly read: (from: BinaryReader) => unknown;
}

/** How each kind is written, and read. Without BigInt, which Bun has, the library would give 64 bits as text. */
const SCALARS: Readonly<Record<ScalarKind, Scalar>> = {
  bool: { wire: WireType.Varint, read: (from) => from.bool() },
  bytes: { wire: WireType.LengthDelimited, read: (from) => from.bytes().toBase64() },
  double: { wire: WireType.Bit64, read: (from) => jsonDouble(from.double()) },
  enum: { wire: WireType.Varint, read: (from) => from.int32() },
  fixed32: { wire: WireType.Bit32, read: (from) => from.fixed32() },
  fixed64: { wire: WireType.Bit64, read: (from) => jsonInteger(BigInt(from.fixed64())) },
  int64: { wire: WireType.Varint, read: (from) => jsonInteger(BigInt(from.int64())) },
  sfixed64: { wire: WireType.Bit64, read: (from) => jsonInteger(BigInt(from.sfixed64())) },
  sint32: { wire: WireType.Varint, read: (from) => from.sint32() },
  spanId: { wire: WireType.LengthDelimited, read: (from) => checkedId(from.bytes().toHex(), 8) },
  text: { wire: WireType.LengthDelimited, read: (from) => cleanText(from.string()) },
  time: { wire: WireType.Bit64, read: (from) => nanosText(BigInt(from.fixed64())) },
  traceId: { wire: WireType.LengthDelimited, read: (from) => checkedId(from.bytes().toHex(), 16) },
  uint32: { wire: WireType.Varint, read: (from) => from.uint32() },
  uint64: { wire: WireType.Varint, read: (from) => jsonInteger(BigInt(from.uint64())) },
};

/** The decoder for `application/x-protobuf`. */
export const protobufDecoder: Decoder = {
  open: (body) => body,
  read: (encoded, message, budget) => {
    const from = new BinaryReader(encoded as Uint8Array); // see `open`, and kind `record`
    try {
      return readMessage(from, from.len, message, budget, 0) as Decoded<typeof message>; // as its table says
    } catch (error) {
      throw malformed(error);
    }
  },
};

function readMessage(
  from: BinaryReader,
  end: number,
  message: MessageName,
  budget: DecodeBudget,
  depth: number,
): Target {
  const { fields, byNumber, absent } = TABLES[message];
  const target: Target = { ...absent };
  let others = 0;
  while (from.pos < end) {
    const [number, wire] = from.tag();
    if (wire === WireType.StartGroup) throw new MalformedError("it has a group, which proto3 does not have");
    const field = byNumber[number];
    const isRead = field !== undefined && readField(from, wire, field, target, budget, depth);
    if (!isRead) from.skip(wire, number);
    if (isRead && field.isList) continue; // it was counted
    if (++others > fields.length) budget.takeValue(); // it is not known, or was sent again
  }
  checkEnd(from, end);
  return target;
}

/** Reads a field into `target`; false when it is written in another way than the table says. */
function readField(
  from: BinaryReader,
  wire: WireType,
  field: Field,
  target: Target,
  budget: DecodeBudget,
  depth: number,
): boolean {
  const { kind, isList, message } = field;
  if (message !== undefined || kind === "record") {
    if (wire !== WireType.LengthDelimited) return false;
    const read =
      message === undefined ? from.bytes() : readMessage(from, endOf(from), message, budget, depthOf(field, depth));
    put(target, field, read, budget);
    return true;
  }
  const scalar = SCALARS[kind as ScalarKind]; // all others are above
  if (wire === scalar.wire) {
    put(target, field, scalar.read(from), budget);
    return true;
  }
  if (wire !== WireType.LengthDelimited || !isList) return false;
  const end = endOf(from);
  while (from.pos < end) put(target, field, scalar.read(from), budget);
  checkEnd(from, end);
  return true;
}

/** Where something ends that begins with its length. */
function endOf(from: BinaryReader): number {
  const length = from.uint32();
  return from.pos + length;
}

/** The reader knows the end of the body alone: what goes beyond its message is found behind it. */
function checkEnd(from: BinaryReader, end: number): void {
  if (from.pos !== end) throw new RangeError("a field goes beyond its message");
}

/** The reader throws a RangeError in front of the end, and an Error for everything else; any other error is our own. */
function malformed(error: unknown): unknown {
  if (error instanceof RangeError) return new MalformedError("it ends in the middle of a field", { cause: error });
  const isOfReader = error instanceof Error && error.constructor === Error;
  return isOfReader ? new MalformedError("it is not valid protobuf", { cause: error }) : error;
}

/** A message with a number in field 1 and text in field 2: a `google.rpc.Status`, or what an answer says of rejected records. */
export function numberAndText(number: number, text: string): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter().tag(1, WireType.Varint).int64(number);
  return writer.tag(2, WireType.LengthDelimited).string(text).finish();
}

/** An `Export…ServiceResponse` that says something. */
export function partialSuccess(rejected: number, text: string): Uint8Array<ArrayBuffer> {
  return new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(numberAndText(rejected, text)).finish();
}

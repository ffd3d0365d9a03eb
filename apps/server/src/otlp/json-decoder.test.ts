import { expect, test } from "bun:test";
import { MalformedError } from "./decoder.ts";
import { jsonDecoder } from "./json-decoder.ts";

const open = (json: string) => jsonDecoder.open(Buffer.from(json));

test.each<[json: string, result: unknown]>([
  ["[9007199254740993]", ["9007199254740993"]],
  ['{"a":9007199254740993,"b":[-1234567890123456 , 1]}', { a: "9007199254740993", b: ["-1234567890123456", 1] }],
  ["[ 18446744073709551615\n]", ["18446744073709551615"]],
])("a long whole number becomes text: %s", (json, result) => {
  expect(open(json)).toEqual(result);
});

test.each([
  ["[999999999999999]"],
  ["[1.2345678901234567890]"],
  ["[12345678901234567890.5]"],
  ["[12345678901234567890e3]"],
  ["[1e-1234567890123456789]"],
  ["[-1.5E-1234567890123456789]"],
  ['{"a":"9007199254740993"}'],
  ['{"9007199254740993":"at, 9007199254740993, it"}'],
  [String.raw`{"a":"\", 9007199254740993 ,","b\\":"[9007199254740993]\\\""}`],
])("everything else stays as it is: %s", (json) => {
  expect(open(json)).toEqual(JSON.parse(json));
});

test.each(['{"never closed: 9007199254740993', '[9007199254740993,"\\', "", "{"])(
  "what is not JSON is refused: %s",
  (json) => {
    expect(() => open(json)).toThrow(MalformedError);
  },
);

test("a text with millions of escapes is read", () => {
  const json = `[9007199254740993,"${String.raw`\"`.repeat(4_000_000)}"]`;
  expect(open(json)).toEqual(["9007199254740993", '"'.repeat(4_000_000)]);
});

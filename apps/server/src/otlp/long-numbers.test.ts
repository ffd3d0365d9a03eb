import { expect, test } from "bun:test";
import { quoteLongNumbers } from "./long-numbers.ts";

const quote = (json: string) => Buffer.from(quoteLongNumbers(Buffer.from(json))).toString();

test.each<[json: string, result: string]>([
  ["9007199254740993", '"9007199254740993"'],
  ['{"a":9007199254740993,"b":[-1234567890123456 , 1]}', '{"a":"9007199254740993","b":["-1234567890123456" , 1]}'],
  ["[18446744073709551615]", '["18446744073709551615"]'],
])("a long whole number becomes text: %s", (json, result) => {
  expect(quote(json)).toBe(result);
});

test.each([
  ["999999999999999"],
  ["[1.2345678901234567890]"],
  ["[12345678901234567890.5]"],
  ["[12345678901234567890e3]"],
  ["[1e1234567890123456789]"],
  ["[-1.5E-1234567890123456789]"],
  ['{"a":"9007199254740993"}'],
  ['{"9007199254740993":"at 9007199254740993, it"}'],
  [String.raw`{"a":"\"9007199254740993","b\\":"9007199254740993\\\""}`],
  ['{"never closed: 9007199254740993'],
  ['"\\'],
  [""],
])("everything else stays as it is: %s", (json) => {
  expect(quote(json)).toBe(json);
});

test("a text that has none is not copied", () => {
  const json = Buffer.from('{"a":1}');
  expect(quoteLongNumbers(json)).toBe(json);
});

import { expect, test } from "bun:test";
import { decodeDocument, withoutFrontMatter } from "./markdown-html.ts";

test("a byte order mark is dropped and invalid UTF-8 is replaced", () => {
  expect(decodeDocument(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0xff, 0x42))).toBe("A\uFFFDB");
});

test.each([
  ["with LF", "---\ntitle: x\n---\n# A\n", "\n# A\n"],
  ["with CRLF", "---\r\ntitle: x\r\n---\r\n# A\r\n", "\r\n# A\r\n"],
  ["closed by dots", "---\n# comment\na: 1\n...\n# A\n", "\n# A\n"],
  ["that is empty", "---\n---\n# A\n", "\n# A\n"],
])("front matter %s is removed", (_, text, body) => {
  expect(withoutFrontMatter(text)).toBe(body);
});

test.each([
  ["that is never closed", "---\ntitle: x\n# A\n"],
  ["after the first line", "\n---\ntitle: x\n---\n"],
  ["between two thematic breaks", "---\n\nSome prose. More prose.\n\n---\n"],
])("a block %s is no front matter", (_, text) => {
  expect(withoutFrontMatter(text)).toBe(text);
});

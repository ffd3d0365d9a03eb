import { expect, test } from "bun:test";
import { type Line, readLines } from "./read-lines.ts";
import { PAUSE } from "./with-pauses.ts";

async function linesOf(chunks: readonly (string | Uint8Array)[], maxLineBytes?: number): Promise<Line[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  }
  const lines = await Array.fromAsync(readLines(bytes(), maxLineBytes));
  return lines.filter((line) => line !== PAUSE);
}

test("lines are found wherever the chunks are cut, also within a character", async () => {
  const bytes = new TextEncoder().encode("\ufeffa\r\n\n𝄞é\nlast");
  const whole = await linesOf([bytes]);
  expect(whole.map((line) => line.text)).toEqual(["a", "", "𝄞é", "last"]);
  expect(whole.map((line) => line.number)).toEqual([1, 2, 3, 4]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
  }
  expect(await linesOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test("a final line break adds no line, and nothing has none", async () => {
  expect(await linesOf(["a\n"])).toHaveLength(1);
  expect(await linesOf([])).toEqual([]);
});

test("a line that is not UTF-8 is marked, and the next one is read", async () => {
  const [bad, good] = await linesOf([Uint8Array.of(0xff, 0x0a), "ok\n"]);
  expect(bad).toEqual({ number: 1, flaw: "the line is not UTF-8 text" });
  expect(good?.text).toBe("ok");
});

test("a line that is too long is marked without being kept, and the next one is read", async () => {
  const lines = await linesOf(["abcd", "efgh", "i\nok\nabcde\n"], 5);
  expect(lines.map((line) => line.text ?? line.flaw)).toEqual(["the line is longer than 5 bytes", "ok", "abcde"]);
});

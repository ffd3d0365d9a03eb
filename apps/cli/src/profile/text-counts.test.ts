import { expect, test } from "bun:test";
import { countLines, countWords } from "./text-counts.ts";

test.each([
  ["", 0],
  ["a", 1],
  ["a\n", 1],
  ["a\nb", 2],
  ["a\r\nb\r\n", 2],
  ["a\rb\r\n\nc", 4],
])("%j counts its lines", (text, lines) => {
  expect(countLines(text)).toBe(lines);
});

test.each([
  ["", 0],
  ["# Two words — and | --- |", 3],
  ["don't e-mail 42 Größe", 4],
  ["日本語 です", 2],
])("%j counts its words", (text, words) => {
  expect(countWords(text)).toBe(words);
});

test("a run of ten million marks is counted in linear time", () => {
  expect(countWords("-".repeat(10_000_000))).toBe(0);
});

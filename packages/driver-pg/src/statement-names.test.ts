import { expect, test } from "bun:test";
import { StatementNames } from "./statement-names.ts";

test("a statement is named when it comes for the second time, and keeps its name", () => {
  const names = new StatementNames();
  expect(names.nameOf("select 1")).toBeUndefined();
  const name = names.nameOf("select 1");
  expect(name).toBeString();
  expect(names.nameOf("select 1")).toBe(name as string);
  names.nameOf("select 2");
  expect(names.nameOf("select 2")).not.toBe(name as string);
});

test("very long statements, and those beyond a number, stay without a name", () => {
  const names = new StatementNames();
  const long = `select ${"1, ".repeat(3000)} 1`;
  for (let n = 0; n < 3; n++) expect(names.nameOf(long)).toBeUndefined();
  const texts = Array.from({ length: 300 }, (_, n) => `select ${n}`);
  for (const text of [...texts, ...texts]) names.nameOf(text);
  expect(new Set(texts.map((text) => names.nameOf(text))).size).toBe(201); // 200 names, and none
});

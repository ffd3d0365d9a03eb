import { expect, test } from "bun:test";
import { asCopyLine } from "../pg/pg-batches.ts";
import { type SampleValues, sampleValues } from "../rows.ts";
import { asJson, rawName } from "./raw-batches.ts";

const row: SampleValues = ["id", 'se"ssion', '{"a":"b\\n"}', 7, "me\tmber", "docs\\x"];

test("rows as JSON have their profile as an object, or as its text", () => {
  const columns = { id: "id", session: 'se"ssion', timestamp: 7, member: "me\tmber", document: "docs\\x" };
  expect(JSON.parse(asJson([row, row], "object"))).toEqual(Array(2).fill({ ...columns, profile: { a: "b\n" } }));
  expect(JSON.parse(asJson([row], "text"))).toEqual([{ ...columns, profile: '{"a":"b\\n"}' }]);
});

test("a row for COPY is a line of fields, in which tabs and backslashes are escaped", () => {
  expect(asCopyLine(row)).toBe('id\tse"ssion\t{"a":"b\\\\n"}\t7\tme\\tmber\tdocs\\\\x\n');
});

test("a sample row by hand is that of telepool, in the order of the columns", () => {
  const [id, session, profile, timestamp, member, document] = sampleValues(7, 5);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect([session, member, document]).toEqual(["session-2", "member-7", "docs/guide-7.md"]);
  expect(JSON.parse(profile)).toMatchObject({ latencyMs: 3.2 });
  expect(timestamp).toBeInteger();
});

test("a form is named with the number of its connections", () => {
  const form = { name: "COPY", connect: () => expect.unreachable() };
  expect([1, 4].map((connections) => rawName(form, connections))).toEqual([
    "raw COPY, 1 connection",
    "raw COPY, 4 connections",
  ]);
});

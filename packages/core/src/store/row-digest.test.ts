import { expect, test } from "bun:test";
import { Tally } from "../manager/tally.ts";
import { sampleProfile } from "../testing/conformance/sample-rows.ts";
import { differingColumns } from "./row-differences.ts";
import { rowDigest } from "./row-digest.ts";

function documentDigest(profile: string): bigint {
  return rowDigest("profiles", sampleProfile(1, { profile }));
}

test.each([
  ['{"a":1,"b":{"c":[1,2],"d":null}}', '{ "b": {"d": null, "c": [1, 2]}, "a": 1 }'],
  ['{"a":1.5e3}', '{"a":1500}'],
  ['{"a":-0}', '{"a":0}'],
  ['{"a":"é"}', '{"a":"\\u00e9"}'],
  ['{"b":1,"__proto__":{"y":1,"x":2}}', '{"__proto__":{"x":2,"y":1},"b":1}'],
])("%s and %s are the same document", (one, other) => {
  expect(documentDigest(one)).toBe(documentDigest(other));
  expect(
    differingColumns("profiles", sampleProfile(1, { profile: one }), sampleProfile(1, { profile: other })),
  ).toEqual([]);
});

test.each([
  ['{"a":[1,2]}', '{"a":[2,1]}'],
  ['{"a":1}', '{"a":"1"}'],
  ['{"a":null}', "{}"],
  ['{"a":{}}', '{"a":[]}'],
  ['{"__proto__":1}', "{}"],
  ["{", "[["],
])("%s and %s are not", (one, other) => {
  expect(documentDigest(one)).not.toBe(documentDigest(other));
});

test("a row differs by each of its columns", () => {
  const row = sampleProfile(1);
  const others = [
    { id: "x" },
    { session: "x" },
    { profile: '{"x":1}' },
    { timestamp: 1 },
    { member: "x" },
    { document: "x" },
  ].map((change) => sampleProfile(1, change));
  expect(new Set([row, ...others].map((one) => rowDigest("profiles", one))).size).toBe(7);
  expect(others.flatMap((other) => differingColumns("profiles", row, other))).toEqual([
    "id",
    "session",
    "profile",
    "timestamp",
    "member",
    "document",
  ]);
});

test("an event without a session is not one of a session that is called null", () => {
  const event = { id: "e", event_type: "t", data: "{}", timestamp: 1 };
  expect(rowDigest("analytics", { ...event, session: null })).not.toBe(
    rowDigest("analytics", { ...event, session: "null" }),
  );
});

test("a sum does not depend on the order, and depends on how often a row is there", () => {
  const digests = Array.from({ length: 100 }, (_, n) => rowDigest("profiles", sampleProfile(n)));
  const sumOf = (all: readonly bigint[]) => {
    const tally = new Tally();
    for (const digest of all) tally.add(digest);
    return tally.sum;
  };
  expect(sumOf(digests)).toEqual(sumOf(digests.toReversed()));
  expect(sumOf(digests).checksum).not.toBe(sumOf(digests.slice(1)).checksum);
  expect(sumOf([...digests, ...digests.slice(0, 1)]).checksum).not.toBe(sumOf(digests).checksum);
  expect(sumOf([2n ** 128n - 1n, 2n]).checksum).toBe(`${"0".repeat(31)}1`);
});

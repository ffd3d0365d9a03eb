/** Values come back as they went in: times, JSON, texts. And what one of the databases could not keep is refused. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../errors.ts";
import { MAX_JSON_DEPTH } from "../../store/json.ts";
import type { ProfileInput } from "../../store/rows.ts";
import { type ConformanceCase, type ConformanceContext, casesOf } from "./case.ts";
import { rejectsWith, storedProfiles } from "./expectations.ts";
import { sampleInput } from "./sample-rows.ts";

const TIMES = [
  0,
  1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 + 5,
  8_640_000_000_000_000,
  Number.MAX_SAFE_INTEGER - 1,
  Number.MAX_SAFE_INTEGER,
];

/** Texts that databases are known to confuse with each other, or to stumble over. */
export const NAMES: readonly string[] = [
  "A",
  "a",
  "x",
  "x ",
  "x  ",
  " x",
  "x\t",
  "\u00e9", // é in one code point
  "e\u0301", // é in two
  "e",
  "ß",
  "ss",
  "İ",
  "i",
  "ﬁ", // a ligature
  "fi",
  "ａ", // full width
  "👍",
  "👍🏽",
  "👩‍👩‍👧",
  "שלום",
  "\u202eabc",
  "日本語",
  "100%",
  "100_",
  "1000",
  "*",
  "O'Hara",
  '"quoted"',
  "`ticks`",
  "back\\slash",
  "'; drop table profiles; --",
  "$1",
  "?",
  ":name",
  "line\nbreak",
  "\u0001",
  "\u007f",
  "\ufeffbom",
  "null",
  "NULL",
  "0",
  "00",
  "1e3",
  "\\x41",
  "👍".repeat(255),
  "z".repeat(255),
];

const NUMBERS = [
  0,
  1,
  -1,
  0.1,
  0.1 + 0.2,
  1e-7,
  5e-324,
  1.7976931348623157e308,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  2 ** 63,
  1e21,
  123456789.123456,
  3.0,
];

/** What JSON itself makes of a value: `-0` is 0 in JSON. */
function asJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

function nested(levels: number): object {
  let value: object = {};
  for (let outer = levels - 1; outer > 0; outer--) value = outer % 2 === 1 ? { inner: value } : [value];
  return value;
}

/** Stores each document and expects it back, by its id and in a list. */
async function expectSameDocuments({ newStore }: ConformanceContext, documents: readonly object[]): Promise<void> {
  const store = newStore();
  const inputs = documents.map((profile, n) => sampleInput(n, { profile }));
  await Promise.all(inputs.map((input) => store.addProfile(input)));
  const listed = new Map((await storedProfiles(store)).map((row) => [row.id, row.profile]));
  for (const { id = "", profile } of inputs) {
    assert.deepEqual((await store.getProfile(id))?.profile, asJson(profile));
    assert.deepEqual(listed.get(id), asJson(profile));
  }
}

/** Expects an insert to be refused in all of its forms, and nothing to be stored. */
async function expectRefused(
  { newStore }: ConformanceContext,
  code: ErrorCode,
  inputs: readonly { readonly input: ProfileInput; readonly field: string }[],
): Promise<void> {
  const store = newStore();
  for (const { input, field } of inputs) {
    assert.equal((await rejectsWith(code, () => store.addProfile(input))).field, `row.${field}`);
    const many = await rejectsWith(code, () => store.insertProfiles([sampleInput(900), input]));
    assert.equal(many.field, `rows[1].${field}`);
    await rejectsWith(code, () => store.importProfiles([input]));
  }
  assert.deepEqual(await storedProfiles(store), []);
  assert.deepEqual((await store.querySessions("*")).items, []);
}

/** An input that breaks the types, as one from JavaScript can. */
function untyped(changes: Record<string, unknown>): ProfileInput {
  return { ...sampleInput(1), ...changes } as ProfileInput; // the fault is the point
}

export const typeCases: readonly ConformanceCase[] = casesOf("types", {
  "times are exact, from 0 to the largest safe integer": async ({ newStore }) => {
    const store = newStore();
    const profiles = TIMES.map((timestamp, n) => sampleInput(n, { timestamp, session: `at ${timestamp}` }));
    await Promise.all([
      ...profiles.map((input) => store.addProfile(input)),
      ...TIMES.map((timestamp, n) => store.recordEvent("tick", {}, null, { id: `event-${n}`, timestamp })),
    ]);
    for (const { id = "", timestamp, session } of profiles) {
      assert.equal((await store.getProfile(id))?.timestamp, timestamp);
      const found = await store.getSession(session);
      assert.deepEqual([found?.createdAt, found?.lastActivity], [timestamp, timestamp]);
    }
    const newestFirst = TIMES.toSorted((a, b) => b - a);
    assert.deepEqual(
      (await storedProfiles(store)).map((row) => row.timestamp),
      newestFirst,
    );
    assert.deepEqual(
      (await store.queryEvents()).items.map((row) => row.timestamp),
      newestFirst,
    );
    const latest = { from: Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER };
    assert.equal((await store.queryProfiles({ from: latest.from })).items.length, 1);
    assert.equal((await store.queryProfiles({ to: latest.to })).items.length, TIMES.length - 1);
  },

  "numbers in a document are exact": async (context) => {
    await expectSameDocuments(context, [{ numbers: NUMBERS }, { "minus zero": -0 }, ...NUMBERS.map((x) => ({ x }))]);
  },

  "an empty document, empty values and the values that are none are kept": async (context) => {
    await expectSameDocuments(context, [
      {},
      { object: {}, array: [], text: "", null: null, true: true, false: false },
      { absent: undefined, there: 1 },
      { array: [null, [], [[]], {}] },
    ]);
  },

  "keys are kept, whatever they are": async (context) => {
    const own = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2, "hasOwnProperty": 3}');
    await expectSameDocuments(context, [
      own,
      { "": 1, " ": 2, ".": 3, $: 4, "a.b": 5, "a[0]": 6, '"': 7, "\\": 8, "\n": 9, "'": 10 },
      { A: 1, a: 2 },
      { "\u00e9": 1, "e\u0301": 2, "👍": 3, "10": 4, "9": 5 },
      { ["k".repeat(10_000)]: 1 },
      Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`key ${n}`, n])),
    ]);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  },

  "texts in a document are kept, whatever they hold": async (context) => {
    await expectSameDocuments(context, [...NAMES.map((text) => ({ text })), { text: "\\u0000 is not NUL" }, { NAMES }]);
  },

  "a document nests as deep as is allowed, and no deeper": async (context) => {
    await expectSameDocuments(context, [nested(MAX_JSON_DEPTH)]);
    const store = context.newStore();
    await rejectsWith("INVALID_PROFILE", () => store.insertProfile("s", nested(MAX_JSON_DEPTH + 1), "m", "d"));
  },

  "a document of 1 MiB is kept": async (context) => {
    const lines = Array.from({ length: 8192 }, (_, n) => `line ${n} ${"é👍 ".repeat(24)}`);
    await expectSameDocuments(context, [{ text: "x".repeat(2 ** 20) }, { lines }]);
  },

  "names that look alike are different names": async ({ newStore }) => {
    const store = newStore();
    const inputs = NAMES.map((name, n) => ({
      ...sampleInput(n),
      id: name,
      session: name,
      member: name,
      document: name,
    }));
    await Promise.all(inputs.map((input) => store.addProfile(input)));
    assert.equal((await storedProfiles(store)).length, NAMES.length);
    for (const input of inputs) {
      const { id: name } = input;
      assert.deepEqual(await store.getProfile(name), input);
      assert.equal((await store.getSession(name))?.profileCount, 1);
      assert.deepEqual((await store.queryProfiles({ member: name })).items, [input]);
      assert.deepEqual((await store.queryProfiles({ session: name })).items, [input]);
      assert.deepEqual((await store.queryProfiles({ document: name })).items, [input]);
    }
    for (const { member } of inputs.filter((input) => input.member !== "*")) {
      assert.deepEqual(
        (await store.querySessions(member)).items.map(({ id }) => id),
        [member],
      );
    }
  },

  "events keep names and data in the same way": async ({ newStore }) => {
    const store = newStore();
    await Promise.all(
      NAMES.map((name, n) => store.recordEvent(name, { [name]: name }, name, { id: name, timestamp: n })),
    );
    for (const [timestamp, name] of NAMES.entries()) {
      const event = { id: name, type: name, data: { [name]: name }, session: name, timestamp };
      assert.deepEqual((await store.queryEvents({ type: name })).items, [event]);
      assert.deepEqual((await store.queryEvents({ session: name })).items, [event]);
    }
    await store.recordEvent("no session", {}, null, { id: "without" });
    assert.equal((await store.queryEvents({ type: "no session" })).items[0]?.session, null);
  },

  "NUL and half surrogate pairs are refused before anything is written": async (context) => {
    const texts = ["\0", "a\0b", "\ud83d", "\udc4d", "\udc4d\ud83d", "x\ud800y"];
    const names = ["id", "session", "member", "document"].flatMap((field) =>
      texts.map((text) => ({ input: untyped({ [field]: text }), field })),
    );
    await expectRefused(context, "INVALID_TEXT", names);
    const documents = texts.flatMap((text) => [
      { input: untyped({ profile: { a: [0, { text }] } }), field: "profile.a[1].text" },
      { input: untyped({ profile: { a: { [text]: 1 } } }), field: "profile.a" },
    ]);
    await expectRefused(context, "INVALID_PROFILE", documents);
    const store = context.newStore();
    await rejectsWith("INVALID_TEXT", () => store.getProfile("\0"));
    await rejectsWith("INVALID_TEXT", () => store.queryProfiles({ member: "\ud800" }));
    await rejectsWith("INVALID_TEXT", () => store.querySessions("\0"));
    await rejectsWith("INVALID_TEXT", () => store.recordEvent("\0"));
    await rejectsWith("INVALID_PROFILE", () => store.recordEvent("click", { text: "\ud800" }));
    assert.deepEqual((await store.queryEvents()).items, []);
  },

  "names, times and keys that break the rules are refused before anything is written": async (context) => {
    const names = ["id", "session", "member", "document"].flatMap((field) =>
      ["", "z".repeat(256), "👍".repeat(256), 5, null, {}].map((value) => ({
        input: untyped({ [field]: value }),
        field,
      })),
    );
    const times = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "5", null, new Date(0), 5n].map((value) => ({
      input: untyped({ timestamp: value }),
      field: "timestamp",
    }));
    const keys = [{ input: untyped({ membre: "x" }), field: "membre" }];
    await expectRefused(context, "INVALID_ARGUMENT", [...names, ...times, ...keys]);
  },

  "documents that are not JSON are refused before anything is written": async (context) => {
    const circle: Record<string, unknown> = {};
    circle.self = { circle };
    const documents: { profile: unknown; field: string }[] = [
      { profile: undefined, field: "profile" },
      { profile: null, field: "profile" },
      { profile: [], field: "profile" },
      { profile: "{}", field: "profile" },
      { profile: new Date(0), field: "profile" },
      { profile: new Map(), field: "profile" },
      { profile: { a: () => 1 }, field: "profile.a" },
      { profile: { a: Symbol("a") }, field: "profile.a" },
      { profile: { a: 1n }, field: "profile.a" },
      { profile: { a: Number.NaN }, field: "profile.a" },
      { profile: { "a b": [0, Number.NEGATIVE_INFINITY] }, field: 'profile["a b"][1]' },
      { profile: { a: [undefined] }, field: "profile.a[0]" },
      { profile: { a: { toJSON: () => 1 } }, field: "profile.a.toJSON" },
      { profile: circle, field: "profile.self.circle" },
    ];
    await expectRefused(
      context,
      "INVALID_PROFILE",
      documents.map(({ profile, field }) => ({ input: untyped({ profile }), field })),
    );
  },
});

/**
 * Whatever is sent, the answer is a success, 400 or 413. One that took time by the square of its size would not come before
 * the tests' time is up. Bodies are made at random from a fixed seed, so that a
 * failure comes back.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Random } from "../../test/fuzz/random.ts";
import { FULL_JSON, FULL_PROTOBUF } from "../../test/otlp/full-requests.ts";
import { otlpClient, type SignalName } from "../../test/otlp/otlp-client.ts";
import { bytesField, encodeProtobuf } from "../../test/otlp/protobuf-encoder.ts";

const SIGNALS: SignalName[] = ["traces", "logs", "metrics"];
const JSON_TYPE = { "content-type": "application/json" };
const client = otlpClient();

afterAll(async () => {
  expect(client.logged).toEqual([]);
  await client[Symbol.asyncDispose]();
});

async function sendHostile(signal: SignalName, body: Uint8Array, headers: Record<string, string> = {}) {
  const answer = await client.send(signal, body, headers);
  expect([200, 400, 413]).toContain(answer.status);
  return answer;
}

const INTERESTING = [0x00, 0x01, 0x02, 0x0a, 0x12, 0x1a, 0x2a, 0x32, 0x3a, 0x7f, 0x80, 0xfe, 0xff];

const MUTATIONS: readonly ((body: Buffer, random: Random) => Buffer)[] = [
  (body, random) => changed(body, random, (byte) => byte ^ (1 << random.below(8))),
  (body, random) => changed(body, random, () => random.below(256)),
  (body, random) => changed(body, random, () => random.pick(INTERESTING)),
  (body, random) => body.subarray(0, random.below(body.length + 1)),
  (body, random) =>
    Buffer.concat([body.subarray(0, random.below(body.length)), body.subarray(random.below(body.length))]),
  (body, random) => {
    const at = random.below(body.length);
    return Buffer.concat([body.subarray(0, at), body.subarray(random.below(body.length)), body.subarray(at)]);
  },
  (body, random) => {
    const at = random.below(body.length);
    return Buffer.concat([body.subarray(0, at), Buffer.alloc(1 + random.below(12), 0xff), body.subarray(at)]);
  },
];

function changed(body: Buffer, random: Random, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(body);
  if (copy.length > 0) {
    const at = random.below(copy.length);
    copy[at] = change(copy[at] ?? 0);
  }
  return copy;
}

/** The body, changed in one to four ways. */
function mutated(body: Uint8Array, random: Random): Buffer {
  let result: Buffer = Buffer.from(body);
  for (let left = 1 + random.below(4); left > 0; left--) result = random.pick(MUTATIONS)(result, random);
  return result;
}

const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  "",
  "x",
  "NaN",
  "\ud800\0",
  "__proto__",
  "9".repeat(400),
  [],
  [[]],
  {},
  { values: {} },
  JSON.parse('{"__proto__": {"toJSON": 1}}'),
  { stringValue: 5 },
  { arrayValue: [] },
  { kvlistValue: { values: [1] } },
];

/** The JSON with one to four of its values replaced. */
function mutatedJson(json: object, random: Random): object {
  const copy = structuredClone(json);
  for (let left = 1 + random.below(4); left > 0; left--) {
    let at: Record<string, unknown> = copy as Record<string, unknown>;
    for (;;) {
      const keys = Object.keys(at);
      const key = keys[random.below(keys.length)] ?? "new";
      const value = at[key];
      if (typeof value === "object" && value !== null && !random.oneIn(12)) {
        at = value as Record<string, unknown>;
        continue;
      }
      at[key] = structuredClone(WRONG[random.below(WRONG.length)]);
      break;
    }
  }
  return copy;
}

describe("a damaged body", () => {
  test.each(SIGNALS)("of %s in protobuf is read or refused, never a fault", async (signal) => {
    const random = new Random(20_261_124);
    for (let left = 1500; left > 0; left--) await sendHostile(signal, mutated(FULL_PROTOBUF[signal], random));
  });

  test.each(SIGNALS)("of %s in JSON is read or refused, never a fault", async (signal) => {
    const random = new Random(20_261_125);
    const body = Buffer.from(JSON.stringify(FULL_JSON[signal]));
    for (let left = 500; left > 0; left--) await sendHostile(signal, mutated(body, random), JSON_TYPE);
    for (let left = 1000; left > 0; left--) {
      await sendHostile(signal, Buffer.from(JSON.stringify(mutatedJson(FULL_JSON[signal], random))), JSON_TYPE);
    }
  });

  test.each(SIGNALS)("of nothing but noise is read or refused by %s", async (signal) => {
    const random = new Random(20_261_126);
    for (let left = 300; left > 0; left--) {
      await sendHostile(signal, Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256))));
    }
  });
});

/** A trace with one span that has this attribute, in protobuf. */
function withAttribute(value: Uint8Array): Buffer {
  const ids = [bytesField(1, Buffer.alloc(16, 1)), bytesField(2, Buffer.alloc(8, 2))];
  const attribute = bytesField(9, Buffer.concat([bytesField(1, Buffer.from("key")), bytesField(2, value)]));
  return bytesField(1, bytesField(2, bytesField(2, Buffer.concat([...ids, attribute]))));
}

describe("a body that was made to do harm", () => {
  /** Each of the levels is a list in a value in a list. */
  function nested(field: number, innerField: number): Buffer {
    let value: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 5000; depth++)
      value = bytesField(field, bytesField(1, innerField === 0 ? value : bytesField(innerField, value)));
    return value;
  }

  test("of lists within lists costs its record, not the stack", async () => {
    for (const value of [nested(5, 0), nested(6, 2)]) {
      const { status, partial } = await sendHostile("traces", withAttribute(value));
      expect(status).toBe(200);
      expect(partial).toEqual({
        rejected: 1,
        message: "1 of 1 spans were rejected: a value nests deeper than 64 levels",
      });
    }
  });

  test("of JSON within JSON costs its record, or is refused", async () => {
    const span = (value: string) =>
      Buffer.from(
        `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${"1".repeat(32)}","spanId":"${"1".repeat(16)}","attributes":[{"key":"k","value":${value}}]}]}]}]}`,
      );
    const arrays = `${'{"arrayValue":{"values":['.repeat(100_000)}{}${"]}}".repeat(100_000)}`;
    expect((await sendHostile("traces", span(arrays), JSON_TYPE)).partial?.rejected).toBe(1);
    const unknown = `{"of no interest":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}`;
    expect((await sendHostile("traces", span(unknown), JSON_TYPE)).partial).toBeUndefined();
    await sendHostile("traces", span(unknown.replace("[]", "[9007199254740993]")), JSON_TYPE);
    await sendHostile("traces", Buffer.from("9007199254740993,".repeat(900_000)), JSON_TYPE);
    await sendHostile("traces", Buffer.from("[".repeat(3_000_000)), JSON_TYPE);
  });

  test("of groups within groups is refused", async () => {
    const groups = Buffer.alloc(200_000, 0x0b);
    expect((await sendHostile("traces", groups)).status).toBe(400);
    expect((await sendHostile("traces", withAttribute(groups))).partial?.rejected).toBe(1);
  });

  test("of millions of nothings in a few bytes is refused before it takes the memory", async () => {
    const nothings = (bytes: number[], count: number) => Buffer.alloc(bytes.length * count, Buffer.from(bytes));
    expect((await sendHostile("traces", nothings([0x0a, 0x00], 4_000_000))).status).toBe(413);
    expect((await sendHostile("logs", bytesField(1, bytesField(2, nothings([0x12, 0x00], 4_000_000))))).status).toBe(
      413,
    );
    const attributes = bytesField(1, bytesField(1, nothings([0x0a, 0x00], 4_000_000)));
    expect((await sendHostile("metrics", attributes)).status).toBe(413);
    for (const value of [
      bytesField(5, nothings([0x0a, 0x02, 0x32, 0x00], 2_000_000)),
      bytesField(6, nothings([0x0a, 0x00], 4_000_000)),
    ]) {
      expect((await sendHostile("traces", withAttribute(value))).partial?.rejected).toBe(1);
    }
    const buckets = bytesField(8, bytesField(2, Buffer.alloc(4_000_000)));
    const metric = Buffer.concat([bytesField(1, Buffer.from("m")), bytesField(10, bytesField(1, buckets))]);
    expect((await sendHostile("metrics", bytesField(1, bytesField(2, bytesField(2, metric))))).partial?.rejected).toBe(
      1,
    );
  });

  test("of millions of fields that are not known, or that are sent again and again, is refused in the same way", async () => {
    const fields = (...bytes: number[]) => Buffer.alloc(8_000_000, Buffer.from(bytes));
    expect((await sendHostile("traces", fields(0x78, 0x01))).status).toBe(413);
    expect((await sendHostile("logs", bytesField(1, fields(0x0a, 0x00)))).status).toBe(413);
    const spans = [fields(0x78, 0x01), fields(0x7a, 0x00), fields(0x50, 0x00)].map((span) => bytesField(2, span));
    const { partial } = await sendHostile("traces", bytesField(1, bytesField(2, Buffer.concat(spans.slice(0, 2)))));
    expect(partial?.message).toBe("2 of 2 spans were rejected: there are more than 100000 values in it (2)");
    expect((await sendHostile("traces", bytesField(1, bytesField(2, Buffer.concat(spans.slice(2)))))).partial).toEqual({
      rejected: 1,
      message: "1 of 1 spans were rejected: there are more than 100000 values in it",
    });
  });

  test("of a large resource and a great many scopes is refused before it takes the time", async () => {
    const resource = bytesField(1, bytesField(1, bytesField(1, Buffer.alloc(1_000_000, "a"))));
    const scopes = Buffer.concat(Array(40_000).fill(bytesField(2, bytesField(2, Buffer.from([0x10, 0x01])))));
    expect((await sendHostile("logs", bytesField(1, Buffer.concat([resource, scopes])))).status).toBe(413);
  });

  test("of records that have as much in them as they may lets the event loop turn in between", async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 0);
    const events = Buffer.alloc(198_000, Buffer.from([0x5a, 0x00]));
    const spans = Array.from({ length: 40 }, (_, n) => {
      const ids = [bytesField(1, Buffer.alloc(16, 1)), bytesField(2, Buffer.alloc(8, n + 1))];
      return bytesField(2, Buffer.concat([...ids, events]));
    });
    const { status } = await sendHostile("traces", bytesField(1, bytesField(2, Buffer.concat(spans))));
    clearInterval(turning);
    expect(status).toBe(200);
    expect(turns).toBeGreaterThan(30);
  });

  test("of lengths and numbers beyond all bounds is refused", async () => {
    for (const length of [2n ** 31n, 2n ** 32n + 4n, 2n ** 63n, 2n ** 64n - 1n]) {
      const body = Buffer.concat([Buffer.from([0x0a]), new BinaryWriter().uint64(length).finish(), Buffer.alloc(20)]);
      expect((await sendHostile("traces", body)).status).toBe(400);
    }
    expect((await sendHostile("traces", Buffer.alloc(1000, 0xff))).status).toBe(400);
  });

  test("of fields in other wire types than theirs is read as if they were not there", async () => {
    const span = encodeProtobuf("traces", {
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "1".repeat(32), spanId: "2".repeat(16) }] }] }],
    });
    const others = Buffer.concat([
      Buffer.from([0x08, 0x05]),
      span,
      Buffer.from([0x0d, 1, 2, 3, 4, 0x09, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]);
    expect(await sendHostile("traces", others)).toMatchObject({ status: 200, partial: undefined });
  });

  test("of keys that objects have by nature changes nothing but its own row", async () => {
    const keys = ["__proto__", "constructor", "hasOwnProperty", "toString", "valueOf", "length"];
    const values = keys.map((key) => ({
      key,
      value: { kvlistValue: { values: [{ key: "polluted", value: { boolValue: true } }] } },
    }));
    const attributes = [...values, { key: "map", value: { kvlistValue: { values } } }];
    const [traceId, spanId] = ["a".repeat(32), "b".repeat(16)];
    const body = {
      resourceSpans: [{ resource: { attributes: values }, scopeSpans: [{ spans: [{ traceId, spanId, attributes }] }] }],
    };
    for (const sent of [body, encodeProtobuf("traces", body)]) {
      expect(await client.send("traces", sent)).toMatchObject({ status: 200, partial: undefined });
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const stored = await client.store.getProfile(`${traceId}-${spanId}`);
    expect(Object.keys(stored?.profile.attributes ?? {})).toEqual([...keys, "map"]);
  });
});

/** Statistics over numbers in the documents, against the same statistics in JavaScript. */
import assert from "node:assert/strict";
import type { AggregateGroup, GroupBy } from "../../store/aggregate.ts";
import type { ProfileInput } from "../../store/rows.ts";
import { seededRandom } from "../fake-clock.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { rejectsWith } from "./expectations.ts";
import { START_MS, sampleInput } from "./sample-rows.ts";

/** The smallest value that at least `percent` of the values do not exceed. */
function nearestRank(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? Number.NaN;
}

function statisticsOf(group: AggregateGroup["group"], values: readonly number[]): AggregateGroup {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    group,
    count: sorted.length,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: nearestRank(sorted, 50),
    p95: nearestRank(sorted, 95),
    p99: nearestRank(sorted, 99),
  };
}

/** The expected groups, in ascending order of their keys. */
function reference(
  inputs: readonly ProfileInput[],
  keyOf: (input: ProfileInput) => string | number | null,
): AggregateGroup[] {
  const values = new Map<string | number | null, number[]>();
  for (const input of inputs) {
    const { latency } = input.profile as { latency?: unknown }; // the documents are made below
    if (typeof latency !== "number") continue;
    const key = keyOf(input);
    values.set(key, [...(values.get(key) ?? []), latency]);
  }
  return [...values]
    .map(([key, numbers]) => statisticsOf(key, numbers))
    .sort((a, b) => ((a.group ?? 0) < (b.group ?? 0) ? -1 : 1));
}

/** Equal but for the mean, whose last digits depend on the order of the additions. */
function expectSame(actual: readonly AggregateGroup[], expected: readonly AggregateGroup[]): void {
  const exact = (groups: readonly AggregateGroup[]) => groups.map(({ mean: _, ...rest }) => rest);
  assert.deepEqual(exact(actual), exact(expected));
  for (const [n, { mean }] of expected.entries()) {
    const difference = Math.abs((actual[n]?.mean ?? Number.NaN) - mean);
    assert.ok(difference <= 1e-9 * Math.max(1, Math.abs(mean)), `mean ${actual[n]?.mean}, expected ${mean}`);
  }
}

/** Rows of which some have no number: they do not count. */
function measured(count: number): ProfileInput[] {
  const random = seededRandom(11);
  const notNumbers = [
    {},
    { latency: null },
    { latency: "12" },
    { latency: true },
    { latency: [5] },
    { latency: { x: 5 } },
  ];
  return Array.from({ length: count }, (_, n) =>
    sampleInput(n, {
      member: `member ${n % 3}`,
      session: `session ${n % 7}`,
      document: n % 2 === 0 ? "Spec.md" : "spec.md",
      timestamp: START_MS + n * 100,
      profile: random() < 0.15 ? (notNumbers[n % notNumbers.length] ?? {}) : { latency: valueFrom(random) },
    }),
  );
}

function valueFrom(random: () => number): number {
  const kind = random();
  if (kind < 0.3) return Math.floor(random() * 20);
  if (kind < 0.9) return random() * 1000 - 200;
  return kind < 0.95 ? 2 ** 53 * random() : random() * 1e-7;
}

export const aggregateCases: readonly ConformanceCase[] = casesOf("aggregates", {
  "count, least, greatest, mean and nearest-rank percentiles are right for groups of every kind": async ({
    newStore,
  }) => {
    const store = newStore();
    const inputs = measured(500);
    await store.insertProfiles(inputs);
    const kinds: [GroupBy | undefined, (input: ProfileInput) => string | number | null][] = [
      [undefined, () => null],
      ["member", ({ member }) => member],
      ["session", ({ session }) => session],
      ["document", ({ document }) => document],
      [{ bucketMs: 1000 }, ({ timestamp = 0 }) => timestamp - (timestamp % 1000)],
      [{ bucketMs: 7001 }, ({ timestamp = 0 }) => timestamp - (timestamp % 7001)],
    ];
    for (const [groupBy, keyOf] of kinds) {
      const groups = await store.aggregate({ metric: "$.latency", ...(groupBy === undefined ? {} : { groupBy }) });
      expectSame(groups, reference(inputs, keyOf));
    }
  },

  "percentiles are right for groups of one to a hundred values": async ({ newStore }) => {
    const store = newStore();
    const sizes = [1, 2, 3, 19, 20, 21, 99, 100];
    const inputs = sizes.flatMap((size) =>
      Array.from({ length: size }, (_, n) =>
        sampleInput(size * 1000 + n, {
          member: `of ${String(size).padStart(3, "0")}`,
          profile: { latency: (n * 37) % size },
        }),
      ),
    );
    await store.insertProfiles(inputs);
    expectSame(
      await store.aggregate({ metric: "latency", groupBy: "member" }),
      reference(inputs, ({ member }) => member),
    );
  },

  "conditions narrow what is counted": async ({ newStore }) => {
    const store = newStore();
    const inputs = measured(300);
    await store.insertProfiles(inputs);
    const from = START_MS + 2000;
    const to = START_MS + 20_000;
    const groups = await store.aggregate({
      metric: "latency",
      groupBy: "session",
      member: "member 1",
      document: "spec.md",
      from,
      to,
    });
    const chosen = inputs.filter(
      ({ member, document, timestamp = 0 }) =>
        member === "member 1" && document === "spec.md" && timestamp >= from && timestamp < to,
    );
    expectSame(
      groups,
      reference(chosen, ({ session }) => session),
    );
    expectSame(await store.aggregate({ metric: "latency", session: "nobody" }), []);
    assert.equal((await store.aggregate({ metric: "latency", groupBy: "session", limit: 2 })).length, 2);
  },

  "a path finds its number behind any key and any position": async ({ newStore }) => {
    const store = newStore();
    const profile = {
      plain: 1,
      nested: { deeper: [10, { "wall time": 2 }] },
      'a "quoted" key': 3,
      "back\\slash": 4,
      "a.b": 5,
      "a[0]": 6,
      "": 7,
      "é👍": 8,
      "it's": 9,
      "0": 10,
      "100%": 11,
      "'; drop table profiles; --": 12,
      "?": 13,
      "line\nbreak": 14,
      $1: 15,
      Plain: 16,
      ":x": 17,
    };
    await store.insertProfile("s", profile, "m", "d");
    const paths: [string, number][] = [
      ["plain", 1],
      ["$.plain", 1],
      ["nested.deeper[0]", 10],
      ['$.nested.deeper[1]["wall time"]', 2],
      ["Plain", 16],
      ...Object.entries(profile)
        .filter(([, value]) => typeof value === "number")
        .map(([key, value]): [string, number] => [`$[${JSON.stringify(key)}]`, Number(value)]),
    ];
    for (const [metric, expected] of paths) {
      assert.deepEqual(
        (await store.aggregate({ metric })).map(({ count, max }) => [count, max]),
        [[1, expected]],
        metric,
      );
    }
    for (const metric of [
      "missing",
      "plain.deeper",
      "plain[0]",
      "nested.deeper[7]",
      "nested",
      "nested.deeper[1]",
      "$[0]",
      "PLAIN",
    ]) {
      assert.deepEqual(await store.aggregate({ metric }), [], metric);
    }
  },

  "more groups than the usual limit are an error, unless a limit says that some may be left out": async ({
    newStore,
  }) => {
    const store = newStore();
    const inputs = Array.from({ length: 1001 }, (_, i) =>
      sampleInput(i, { session: `session-${String(i).padStart(4, "0")}`, profile: { latency: i } }),
    );
    await store.insertProfiles(inputs);
    const refused = await rejectsWith("INVALID_ARGUMENT", () =>
      store.aggregate({ metric: "latency", groupBy: "session" }),
    );
    assert.equal(refused.field, "limit");
    const some = await store.aggregate({ metric: "latency", groupBy: "session", limit: 1000 });
    assert.deepEqual([some.length, some.at(-1)?.group], [1000, "session-0999"]);
  },

  "requests that break the rules are refused": async ({ newStore }) => {
    const store = newStore();
    const refused = (request: object) =>
      rejectsWith("INVALID_ARGUMENT", () => store.aggregate(request as Parameters<typeof store.aggregate>[0]));
    const metrics = [
      "",
      "$",
      "a..b",
      "a.",
      "[",
      "[x]",
      "a b",
      '["open',
      '$["\\x"]',
      '$["a\nb"]',
      '$["\\u0000"]',
      '$["\\ud800"]',
      "a\0",
      5,
      undefined,
    ];
    for (const metric of metrics) assert.equal((await refused({ metric })).field, "metric", String(metric));
    for (const groupBy of ["id", "profile; drop table profiles", { bucketMs: 0 }, { bucketMs: 1.5 }, null, 5]) {
      assert.equal((await refused({ metric: "latency", groupBy })).field, "groupBy");
    }
    for (const limit of [0, 10_001, 1.5]) assert.equal((await refused({ metric: "latency", limit })).field, "limit");
    await refused({ metric: "latency", membre: "x" });
  },
});

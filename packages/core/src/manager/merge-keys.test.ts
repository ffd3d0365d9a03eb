import { expect, test } from "bun:test";
import { byCodePoints } from "../by-code-points.ts";
import type { RowKey } from "../store/raw-rows.ts";
import { seededRandom } from "../testing/fake-clock.ts";
import { mergeKeys } from "./merge-keys.ts";

/** These ids by pages of `size`. */
async function* pagesOf(ids: readonly string[], size: number): AsyncGenerator<RowKey[], void, undefined> {
  for (let start = 0; start < ids.length; start += size) {
    yield ids.slice(start, start + size).map((id) => ({ id, bytes: 1 }));
  }
}

/** Each id with the sides that it is on. */
async function merged(source: readonly string[], target: readonly string[], size = 3): Promise<string[]> {
  const seen: string[] = [];
  for await (const keys of mergeKeys(pagesOf(source, size), pagesOf(target, size))) {
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.length).toBeLessThanOrEqual(2 * size);
    for (const key of keys) {
      expect([key.source?.id ?? key.id, key.target?.id ?? key.id]).toEqual([key.id, key.id]);
      seen.push(`${key.id}${key.source === undefined ? "" : "<"}${key.target === undefined ? "" : ">"}`);
    }
  }
  return seen;
}

test("each id comes once, in order, with the sides that have it", async () => {
  expect(await merged(["a", "b", "d", "e"], ["b", "c", "e", "f"])).toEqual(["a<", "b<>", "c>", "d<", "e<>", "f>"]);
});

test("a side may be empty, or both", async () => {
  expect(await merged(["a", "b", "c", "d"], [])).toEqual(["a<", "b<", "c<", "d<"]);
  expect(await merged([], ["a"])).toEqual(["a>"]);
  expect(await merged([], [])).toEqual([]);
});

test("ids are in the order of their code points: a surrogate pair comes after U+FFFF", async () => {
  const ids = ["z", "\uffff", "\u{1f44d}"];
  expect(await merged(ids, ids)).toEqual(ids.map((id) => `${id}<>`));
  expect(await merged(["\u{1f44d}"], ["\uffff"])).toEqual(["\uffff>", "\u{1f44d}<"]);
});

test("any two sets of ids are merged as sets are", async () => {
  const random = seededRandom(11);
  const letters = ["a", "b", "\uffff", "\u{1f44d}"];
  const someIds = (): string[] => {
    const ids = Array.from({ length: Math.floor(random() * 30) }, () =>
      Array.from({ length: 3 }, () => letters[Math.floor(random() * letters.length)]).join(""),
    );
    return [...new Set(ids)].sort(byCodePoints);
  };
  for (let run = 0; run < 200; run++) {
    const [source, target] = [someIds(), someIds()];
    const expected = [...new Set([...source, ...target])].sort(byCodePoints).map((id) => {
      return `${id}${source.includes(id) ? "<" : ""}${target.includes(id) ? ">" : ""}`;
    });
    expect(await merged(source, target, 1 + Math.floor(random() * 5))).toEqual(expected);
  }
});

test("what a side throws is thrown", async () => {
  async function* failing(): AsyncGenerator<RowKey[], void, undefined> {
    yield [{ id: "a", bytes: 1 }];
    throw new Error("the database is away");
  }
  const keys = mergeKeys(failing(), pagesOf(["b"], 1));
  expect((await keys.next()).value).toHaveLength(1);
  expect(await keys.next().catch((error: unknown) => String(error))).toContain("the database is away");
});

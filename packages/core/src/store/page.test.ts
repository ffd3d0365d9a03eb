import { describe, expect, test } from "bun:test";
import { type PageKey, type PageRequest, parsePage, toPage } from "./page.ts";

function cursorAfter(key: PageKey): string {
  const { nextCursor } = toPage(
    [key, key],
    1,
    (row) => row,
    (row) => row,
  );
  return nextCursor ?? expect.unreachable("there is a further page");
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function fieldAtFault(page: PageRequest): unknown {
  try {
    return parsePage(page);
  } catch (error) {
    return (error as { field?: unknown }).field; // only looked at
  }
}

describe("a page", () => {
  test("has 50 items from the start unless it is told otherwise", () => {
    expect(parsePage(undefined)).toEqual({ limit: 50, after: undefined });
    expect(parsePage({ limit: 1000, cursor: null })).toEqual({ limit: 1000, after: undefined });
  });

  test("has a next cursor only when there are more rows than it holds", () => {
    const rows = [1, 2, 3].map((n) => ({ timestamp: n, id: `${n}` }));
    expect(
      toPage(
        rows,
        3,
        (row) => row,
        (row) => row.id,
      ),
    ).toEqual({ items: ["1", "2", "3"], nextCursor: null });
    const { items, nextCursor } = toPage(
      rows,
      2,
      (row) => row,
      (row) => row.id,
    );
    expect(items).toEqual(["1", "2"]);
    expect(parsePage({ cursor: nextCursor }).after).toEqual({ timestamp: 2, id: "2" });
    expect(
      toPage(
        [],
        2,
        (row: PageKey) => row,
        (row) => row.id,
      ),
    ).toEqual({ items: [], nextCursor: null });
  });

  test.each([
    [{ timestamp: 0, id: "a" }],
    [{ timestamp: Number.MAX_SAFE_INTEGER, id: "👍 e\u0301 \" ' \\ ?>~ÿ" }],
    [{ timestamp: 1, id: "日".repeat(255) }],
  ])("a cursor carries %j through a URL", (key) => {
    const cursor = cursorAfter(key);
    expect(cursor).toMatch(/^[\w-]+$/);
    expect(parsePage({ cursor }).after).toEqual(key);
  });

  test.each([
    ["", "nothing"],
    ["%%%", "not base64"],
    ["e30", "an object"],
    [encode([1]), "too little"],
    [encode(["1", "a"]), "a text for the time"],
    [encode([1.5, "a"]), "a broken time"],
    [encode([2 ** 53, "a"]), "a time that is not exact"],
    [encode([1, 5]), "a number for the id"],
    [encode(null), "null"],
    [encode(5), "a number"],
    [Buffer.from([0x5b, 0xff, 0xfe]).toString("base64url"), "not UTF-8"],
    [cursorAfter({ timestamp: 1, id: "abc" }).slice(0, -3), "cut off"],
    ["日本", "not Latin"],
  ])("the cursor %p is refused: %s", (cursor) => {
    expect(fieldAtFault({ cursor })).toBe("page.cursor");
  });

  test("a cursor that is no text is refused", () => {
    expect(fieldAtFault({ cursor: 5 as unknown as string })).toBe("page.cursor");
    expect(fieldAtFault({ cursor: {} as unknown as string })).toBe("page.cursor");
  });

  test.each([0, -1, 1001, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("the limit %p is refused", (limit) => {
    expect(fieldAtFault({ limit })).toBe("page.limit");
  });
});

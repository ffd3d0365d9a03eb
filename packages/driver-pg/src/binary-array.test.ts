import { describe, expect, test } from "bun:test";
import { describeOn, postgresServer } from "@telepool/test-servers";
import pg from "pg";
import { bigintArray, textArray } from "./binary-array.ts";

/** What PostgreSQL understands of an array. */
async function understood(type: "text" | "bigint", array: Buffer): Promise<unknown> {
  const client = new pg.Client({ connectionString: (await postgresServer()).url });
  await client.connect();
  try {
    const { rows } = await client.query(`select to_json($1::${type}[]) as given`, [array]);
    return rows[0].given;
  } finally {
    await client.end();
  }
}

describeOn("postgresql", { describe, test }, "arrays in PostgreSQL's binary format", () => {
  test.each([
    [[]],
    [[""]],
    [["a", null, "", "null", "NULL", '{"a":"b,c"}', "back\\slash", "é", "日本語", "👍🏽", "x".repeat(100_000)]],
    [[null, null]],
    [["\u0001", "\ufeff", "\uffff", "line\nbreak", "'", '"']],
  ])("texts come as they are: %#", async (texts) => {
    expect(await understood("text", textArray(texts))).toEqual(texts);
  });

  test("whole numbers come exactly, up to the largest safe one", async () => {
    const numbers = [
      0,
      1,
      -1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      -(2 ** 32) - 5,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    expect(await understood("bigint", bigintArray(numbers))).toEqual(numbers);
    expect(await understood("bigint", bigintArray([]))).toEqual([]);
  });
});

import { expect, test } from "bun:test";
import { seededRandom } from "@telepool/core/testing";
import { decodeParquet, encodeParquet, type ParquetRow, type ParquetTable } from "@telepool/r2-sync/parquet";
import { AwkwardRows } from "./awkward-rows.ts";

const COUNTS = [0, 1, 2, 3, 7, 100, 1500];

async function expectBack<T extends ParquetTable>(table: T, rows: ParquetRow<T>[]): Promise<void> {
  const back = await decodeParquet(table, encodeParquet(table, rows));
  expect(Bun.deepEquals(back, rows, true)).toBe(true); // an expectation on the rows would print megabytes
}

test.each([1, 2, 3, 4, 5])("rows of every table come back exactly, whatever they hold (seed %d)", async (seed) => {
  const rows = new AwkwardRows(seededRandom(seed));
  for (const count of COUNTS) {
    await expectBack("profiles", rows.profiles(count));
    await expectBack("analytics", rows.analytics(count));
    await expectBack("sessions", rows.sessions(count));
  }
});

test("rows beyond a row group and beyond a page come back in their order", async () => {
  const profile = JSON.stringify({ text: "x".repeat(100) });
  const rows = Array.from({ length: 120_001 }, (_, i) => {
    return { id: `id-${i}`, session: `s${i % 7}`, profile, timestamp: i, member: "ada", document: `d${i}` };
  });
  await expectBack("profiles", rows);
});

test("an event keeps a session that is null apart from one that is empty", async () => {
  const event = { event_type: "click", data: "{}", timestamp: 1 };
  const rows = [null, "", "null", null].map((session, i) => ({ id: `${i}`, ...event, session }));
  const back = await decodeParquet("analytics", encodeParquet("analytics", rows));
  expect(back.map(({ session }) => session)).toEqual([null, "", "null", null]);
});

test("times before 1970 come back, as tables that were taken over may hold them", async () => {
  const times = [-1, -(2 ** 40), Number.MIN_SAFE_INTEGER];
  await expectBack(
    "sessions",
    times.map((time, i) => ({ id: `${i}`, member: "ada", created_at: time, last_activity: time, profile_count: 0 })),
  );
});

test("the same rows give the same bytes", () => {
  const file = (): Uint8Array => encodeParquet("profiles", new AwkwardRows(seededRandom(9)).profiles(200));
  expect(Bun.sha(file(), "hex")).toBe(Bun.sha(file(), "hex"));
});

test("a file is read out of the middle of a larger buffer", async () => {
  const rows = new AwkwardRows(seededRandom(3)).sessions(10);
  const file = encodeParquet("sessions", rows);
  const larger = Buffer.alloc(file.length + 20, 7);
  larger.set(file, 11);
  expect(await decodeParquet("sessions", larger.subarray(11, 11 + file.length))).toEqual(rows);
});

const SESSION = { id: "s", member: "ada", created_at: 1, last_activity: 2, profile_count: 3 };

test.each([
  ["half of a surrogate pair", { ...SESSION, member: "\ud83c" }, "INVALID_TEXT"],
  ["a fraction", { ...SESSION, created_at: 1.5 }, "INVALID_ARGUMENT"],
  ["a number beyond what a double holds exactly", { ...SESSION, profile_count: 2 ** 53 }, "INVALID_ARGUMENT"],
] as const)("%s is refused, as it would not come back", (_, row, code) => {
  expect(() => encodeParquet("sessions", [row])).toThrow(expect.objectContaining({ code }));
});

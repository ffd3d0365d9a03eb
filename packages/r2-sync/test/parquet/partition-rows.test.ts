import { expect, test } from "bun:test";
import { decodeParquet, type ParquetFile, type ParquetRow, partitionRows } from "@telepool/r2-sync/parquet";

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 10, 25);

function profile(n: number, day: number, text = ""): ParquetRow<"profiles"> {
  const timestamp = FIRST_MS + day * DAY_MS + n;
  return { id: `id-${n}`, session: "s", profile: JSON.stringify({ text }), timestamp, member: "ada", document: "d" };
}

/** The rows' ids by file. */
async function idsByFile(files: AsyncIterable<ParquetFile>): Promise<[string, string[]][]> {
  const found: [string, string[]][] = [];
  for await (const { path, content, rows } of files) {
    const back = await decodeParquet("profiles", content);
    expect(back).toHaveLength(rows);
    found.push([path, back.map(({ id }) => id)]);
  }
  return found;
}

test("rows go to the folders of their days, in the order in which they came", async () => {
  const pages = [[profile(1, 1), profile(2, 0)], [], [profile(3, 1), profile(4, 30)]];
  expect(await idsByFile(partitionRows("profiles", pages))).toEqual([
    ["profiles/day=2026-11-25/part-0001.parquet", ["id-2"]],
    ["profiles/day=2026-11-26/part-0001.parquet", ["id-1", "id-3"]],
    ["profiles/day=2026-12-25/part-0001.parquet", ["id-4"]],
  ]);
});

test("a file is cut at its number of rows, whatever the pages are", async () => {
  const rows = Array.from({ length: 5 }, (_, n) => profile(n, 0));
  const limits = { maxFileRows: 2 };
  const expected: [string, string[]][] = [
    ["profiles/day=2026-11-25/part-0001.parquet", ["id-0", "id-1"]],
    ["profiles/day=2026-11-25/part-0002.parquet", ["id-2", "id-3"]],
    ["profiles/day=2026-11-25/part-0003.parquet", ["id-4"]],
  ];
  expect(await idsByFile(partitionRows("profiles", [rows], limits))).toEqual(expected);
  const pages = rows.map((row) => [row]);
  expect(await idsByFile(partitionRows("profiles", pages, limits))).toEqual(expected);
});

test("a file is cut before a row that would make it too large, and a row that is too large is alone", async () => {
  const large = "ü".repeat(600); // 1200 bytes
  const rows = [profile(1, 0), profile(2, 0, large), profile(3, 0), profile(4, 0)];
  const files = await idsByFile(partitionRows("profiles", [rows], { maxFileBytes: 1000 }));
  expect(files.map(([, ids]) => ids)).toEqual([["id-1"], ["id-2"], ["id-3", "id-4"]]);
});

test("when too much is held, the heaviest folder becomes a file first", async () => {
  const text = "x".repeat(1000);
  const rows = [profile(1, 0), profile(2, 1, text), profile(3, 2), profile(4, 1, text), profile(5, 2)];
  const files = await idsByFile(partitionRows("profiles", [rows], { maxHeldBytes: 3500 }));
  expect(files).toEqual([
    ["profiles/day=2026-11-26/part-0001.parquet", ["id-2", "id-4"]],
    ["profiles/day=2026-11-25/part-0001.parquet", ["id-1"]],
    ["profiles/day=2026-11-27/part-0001.parquet", ["id-3", "id-5"]],
  ]);
});

test("sessions have no days, and times after the year 9999 are in the partition without a value", async () => {
  const session = { id: "s", member: "ada", created_at: 1, last_activity: 2, profile_count: 3 };
  const late = { ...profile(1, 0), timestamp: Number.MAX_SAFE_INTEGER };
  const paths: string[] = [];
  const event = { id: "e", event_type: "click", data: "{}", timestamp: 1, session: null };
  for await (const { path } of partitionRows("sessions", [[session]])) paths.push(path);
  for await (const { path } of partitionRows("analytics", [[event]])) paths.push(path);
  for await (const { path } of partitionRows("profiles", [[late]])) paths.push(path);
  expect(paths).toEqual([
    "sessions/part-0001.parquet",
    "events/day=1970-01-01/part-0001.parquet",
    "profiles/day=__HIVE_DEFAULT_PARTITION__/part-0001.parquet",
  ]);
});

test("without rows there are no files", async () => {
  expect(await idsByFile(partitionRows("profiles", []))).toEqual([]);
  expect(await idsByFile(partitionRows("profiles", [[]]))).toEqual([]);
});

import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { seededRandom } from "@telepool/core/testing";
import { decodeParquet, encodeParquet } from "@telepool/r2-sync/parquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { AwkwardRows } from "./awkward-rows.ts";

const rows = new AwkwardRows(seededRandom(4));
const small = encodeParquet("analytics", rows.analytics(3));
const large = encodeParquet("profiles", rows.profiles(2000));

const DAMAGED: unknown = expect.objectContaining({ code: "COPY_DAMAGED" });

/** What became of reading a file: `true` when it was refused as damaged. */
async function isRefused(table: "profiles" | "analytics", file: Uint8Array): Promise<unknown> {
  return await decodeParquet(table, file).then(
    () => "it was read",
    (error) => error.code === "COPY_DAMAGED" || error,
  );
}

/** The file with a text of its metadata in place of another as long, and with the checksum that belongs to it. */
function resealed(file: Uint8Array, from: string, to: string): Uint8Array {
  expect(to).toHaveLength(from.length);
  const copy = Buffer.from(Buffer.from(file).toString("latin1").replaceAll(from, to), "latin1");
  const at = copy.lastIndexOf("telepool.sha256") + "telepool.sha256".length + 2;
  copy.write("0".repeat(64), at, "latin1");
  copy.write(createHash("sha256").update(copy).digest("hex"), at, "latin1");
  return copy;
}

test("a single bit that is not as it was is found, wherever it is", async () => {
  for (let at = 0; at < small.length; at++) {
    const flipped = small.slice();
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    expect(await isRefused("analytics", flipped)).toBe(true);
  }
});

test("random damage to a large file is found", async () => {
  const random = seededRandom(11);
  for (let round = 0; round < 200; round++) {
    const broken = large.slice();
    const from = Math.floor(random() * broken.length);
    broken.fill(Math.floor(random() * 256), from, from + 1 + Math.floor(random() * 300));
    broken[from] = ~(large[from] ?? 0);
    expect(await isRefused("profiles", broken)).toBe(true);
  }
});

test("a file that ends early, or has something behind its end, is refused", async () => {
  for (let length = 0; length < small.length; length++)
    expect(await isRefused("analytics", small.subarray(0, length))).toBe(true);
  expect(await isRefused("analytics", Buffer.concat([small, new Uint8Array(1)]))).toBe(true);
  expect(await isRefused("analytics", Buffer.concat([small, small]))).toBe(true);
});

test("a file of another table is refused by name", async () => {
  await expect(decodeParquet("profiles", small)).rejects.toThrow("holds rows of analytics, not of profiles");
  await expect(decodeParquet("profiles", small)).rejects.toEqual(DAMAGED);
});

test.each([
  ["of another version", "telepool.version\x18\x011", "telepool.version\x18\x012", "version 2"],
  ["without a column", "event_type", "event_kind", "has no column event_type"],
  ["of no known table", "analytics", "analytica", "holds rows of analytica"],
])("a file %s is refused although its checksum is right", async (_, from, to, message) => {
  expect(await decodeParquet("analytics", resealed(small, from, from))).toHaveLength(3);
  const other = decodeParquet("analytics", resealed(small, from, to));
  await expect(other).rejects.toThrow(message);
  await expect(other).rejects.toEqual(DAMAGED);
});

test("files of other programs and things that are no files are refused", async () => {
  const columns = ["id", "member"].map((name) => ({ name, data: ["x"], type: "STRING" as const }));
  const foreign = new Uint8Array(parquetWriteBuffer({ columnData: columns }));
  expect(await isRefused("analytics", foreign)).toBe(true);
  expect(await isRefused("analytics", new TextEncoder().encode('{"id":"x"}\n'))).toBe(true);
});

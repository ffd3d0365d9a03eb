/** What DuckDB, which shares no code with the writer, makes of the files. */
import { expect, test } from "bun:test";
import { seededRandom } from "@telepool/core/testing";
import { encodeParquet, type ParquetRow, partitionRows } from "@telepool/r2-sync/parquet";
import { AwkwardRows } from "./awkward-rows.ts";
import { DuckFolder } from "./duckdb.ts";

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 10, 23);

/** A profile each eight hours, from 2026-11-23 on. */
function profiles(count: number): ParquetRow<"profiles">[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `id-${i}`,
    session: `session-${i % 3}`,
    profile: JSON.stringify({ latency: i + 0.5, name: "🎉", nested: { list: [1, i] } }),
    timestamp: FIRST_MS + (i * DAY_MS) / 3,
    member: "zoë",
    document: "d",
  }));
}

const ALL = "read_parquet('$DIR/profiles/*/*.parquet', hive_partitioning = true)";

/** A row with its texts as the hexadecimal digits of their bytes: the binding's own decoder drops a byte-order mark. */
function inHex(row: object): object {
  const told = (value: unknown): string | null => {
    if (value === null) return null;
    return typeof value === "string" ? Buffer.from(value).toString("hex").toUpperCase() : String(value);
  };
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, told(value)]));
}

test("DuckDB reads every value of every table as it was written", async () => {
  await using duck = await DuckFolder.create();
  const awkward = new AwkwardRows(seededRandom(21));
  const rows = { profiles: awkward.profiles(700), analytics: awkward.analytics(700), sessions: awkward.sessions(700) };
  await duck.write("profiles.parquet", encodeParquet("profiles", rows.profiles));
  await duck.write("analytics.parquet", encodeParquet("analytics", rows.analytics));
  await duck.write("sessions.parquet", encodeParquet("sessions", rows.sessions));
  for (const table of ["profiles", "analytics", "sessions"] as const) {
    const columns = Object.entries(rows[table][0] ?? {}).map(([name, value]) => {
      if (typeof value === "string" || name === "session") return `hex(${name}) as ${name}`;
      return name === "profile_count" ? name : `epoch_ms(${name}) as ${name}`;
    });
    const read = await duck.query(`select ${columns.join(", ")} from '$DIR/${table}.parquet'`);
    expect(Bun.deepEquals(read, rows[table].map(inHex), true)).toBe(true);
  }
});

test("columns have the types that DuckDB calculates with", async () => {
  await using duck = await DuckFolder.create();
  await duck.write("profiles.parquet", encodeParquet("profiles", profiles(1)));
  await duck.write("analytics.parquet", encodeParquet("analytics", []));
  await duck.write("sessions.parquet", encodeParquet("sessions", []));
  const typesOf = async (table: string): Promise<object> => {
    const columns = await duck.query(`describe from '$DIR/${table}.parquet'`);
    return Object.fromEntries(columns.map(({ column_name, column_type }) => [column_name, column_type]));
  };
  const text = "VARCHAR";
  const time = "TIMESTAMP WITH TIME ZONE";
  expect(await typesOf("profiles")).toEqual({
    id: text,
    session: text,
    profile: text,
    timestamp: time,
    member: text,
    document: text,
  });
  expect(await typesOf("analytics")).toEqual({
    id: text,
    event_type: text,
    data: text,
    timestamp: time,
    session: text,
  });
  expect(await typesOf("sessions")).toEqual({
    id: text,
    member: text,
    created_at: time,
    last_activity: time,
    profile_count: "BIGINT",
  });
  expect(await duck.query("select count(*)::int as n from '$DIR/analytics.parquet'")).toEqual([{ n: 0 }]);
});

test("JSON is looked into, and times are times in UTC", async () => {
  await using duck = await DuckFolder.create();
  await duck.writeAll(partitionRows("profiles", [profiles(9)]));
  const read = await duck.query(`
    select timestamp at time zone 'UTC' as at, (profile->>'$.latency')::double as latency, profile->>'name' as name,
      json_extract(profile, '$.nested.list[1]')::int as last
    from ${ALL} where id = 'id-4'`);
  expect(read).toEqual([{ at: "2026-11-24 08:00:00", latency: 4.5, name: "🎉", last: 4 }]);
  const window = `timestamp >= timestamptz '2026-11-24 00:00:00+00' and timestamp < timestamptz '2026-11-25 00:00:00+00'`;
  expect(await duck.query(`select id from ${ALL} where ${window} order by id`)).toEqual([
    { id: "id-3" },
    { id: "id-4" },
    { id: "id-5" },
  ]);
});

test("a folder of partitions holds the same rows, and a day reads only its own files", async () => {
  await using duck = await DuckFolder.create();
  const rows = profiles(3000); // a thousand days
  await duck.writeAll(partitionRows("profiles", [rows.slice(1500), rows.slice(0, 1500)]));
  const read = await duck.query(`select id, epoch_ms(timestamp)::varchar as ms, profile from ${ALL}`);
  const sorted = read.map(({ id, ms, profile }) => `${id} ${ms} ${profile}`).sort();
  expect(sorted).toEqual(rows.map(({ id, timestamp, profile }) => `${id} ${timestamp} ${profile}`).sort());
  const misplaced = `select count(*)::int as n from ${ALL} where day <> (timestamp at time zone 'UTC')::date`;
  expect(await duck.query(misplaced)).toEqual([{ n: 0 }]);
  const ofDay = `from ${ALL} where day = '2026-11-24'`;
  expect(await duck.query(`select id ${ofDay} order by id`)).toEqual([{ id: "id-3" }, { id: "id-4" }, { id: "id-5" }]);
  const plan = await duck.query(`explain select id ${ofDay}`);
  expect(JSON.stringify(plan)).toMatch(/Scanning Files:[^\d]*1\/1000/);
});

test("times after the year 9999 are exact, and their day is null", async () => {
  await using duck = await DuckFolder.create();
  const [base] = profiles(1);
  const times = [253_402_300_799_999, 253_402_300_800_000, 8_640_000_000_000_001, Number.MAX_SAFE_INTEGER];
  const rows = times.map((timestamp, i) => ({ ...base, id: `${i}`, timestamp }) as ParquetRow<"profiles">);
  await duck.writeAll(partitionRows("profiles", [rows]));
  expect(await duck.query(`select id, epoch_ms(timestamp)::varchar as ms, day from ${ALL} order by id`)).toEqual([
    { id: "0", ms: "253402300799999", day: "9999-12-31" },
    { id: "1", ms: "253402300800000", day: null },
    { id: "2", ms: "8640000000000001", day: null },
    { id: "3", ms: "9007199254740991", day: null },
  ]);
});

test("every column but JSON says its least and its greatest value, so that row groups can be passed over", async () => {
  await using duck = await DuckFolder.create();
  await duck.write("profiles.parquet", encodeParquet("profiles", profiles(9)));
  const read = await duck.query(`
    select path_in_schema as name, stats_min_value as least, stats_max_value as greatest, compression
    from parquet_metadata('$DIR/profiles.parquet') where path_in_schema in ('id', 'timestamp', 'profile') order by name`);
  expect(read).toEqual([
    { name: "id", least: "id-0", greatest: "id-8", compression: "ZSTD" },
    { name: "profile", least: null, greatest: null, compression: "ZSTD" },
    { name: "timestamp", least: "2026-11-23 00:00:00+00", greatest: "2026-11-25 16:00:00+00", compression: "ZSTD" },
  ]);
});

test("the file says whose table it is, and carries its checksum", async () => {
  await using duck = await DuckFolder.create();
  await duck.write("sessions.parquet", encodeParquet("sessions", []));
  const read = await duck.query(`
    select decode(key) as key, decode(value) as value from parquet_kv_metadata('$DIR/sessions.parquet') order by key`);
  expect(read).toEqual([
    { key: "telepool.sha256", value: expect.stringMatching(/^[0-9a-f]{64}$/) },
    { key: "telepool.table", value: "sessions" },
    { key: "telepool.version", value: "1" },
  ]);
});

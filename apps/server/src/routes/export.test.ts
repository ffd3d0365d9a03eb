import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPool, TelepoolError } from "@telepool/core";
import { failingStore } from "../../test/failing-store.ts";
import { createApp } from "../create-app.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });

const profiles = Array.from({ length: 1200 }, (_, n) => ({
  id: `p${n}`,
  session: n % 2 === 0 ? "even" : "odd",
  member: 'a "quoted", name\nin two lines',
  document: "d.md",
  timestamp: 1000 + n,
  profile: { text: 'say "hi", é\n', n },
}));

beforeAll(async () => {
  await store.insertProfiles(profiles);
  await store.insertEvents([
    { id: "e1", type: "login", data: { a: 1 }, session: "even", timestamp: 5 },
    { id: "e2", type: "x" },
  ]);
});
afterAll(() => store.close());

async function get(parameters = "") {
  const response = await app.request(`/api/export${parameters}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test("all profiles come as lines that can be sent in again", async () => {
  const { status, headers, text } = await get();
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/x-ndjson");
  expect(headers.get("content-disposition")).toBe('attachment; filename="telepool-profiles.ndjson"');
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(profiles.toReversed());

  const other = createPool("sqlite://:memory:");
  const response = await createApp({ store: other }).request("/api/profiles", {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: text,
  });
  expect(await response.json()).toMatchObject({ accepted: 1200, rejected: 0 });
  await other.close();
});

/** Reads CSV by the rules of RFC 4180. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const record of text.matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n))+?(?<=\r\n)/g)) {
    const fields = [...record[0].matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n)/g)].map(([, field = ""]) => field);
    rows.push(fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field)));
  }
  return rows;
}

test("CSV has a header, and the JSON of a profile in one field, whatever it holds", async () => {
  const { headers, text } = await get("?format=csv&session=odd");
  expect(headers.get("content-type")).toStartWith("text/csv");
  const [header, ...rows] = readCsv(text);
  expect(header).toEqual(["id", "session", "member", "document", "timestamp", "profile"]);
  expect(rows).toHaveLength(600);
  const [first = []] = rows;
  expect(first.slice(0, 5)).toEqual(["p1199", "odd", 'a "quoted", name\nin two lines', "d.md", "2199"]);
  expect(JSON.parse(first[5] ?? "")).toEqual({ text: 'say "hi", é\n', n: 1199 });
});

test("events and sessions are exported in the names of the schema", async () => {
  const events = (await get("?kind=events&event_type=login")).text;
  expect(JSON.parse(events)).toEqual({ id: "e1", event_type: "login", data: { a: 1 }, session: "even", timestamp: 5 });
  expect((await get("?kind=events&format=csv&event_type=login")).text).toBe(
    'id,event_type,session,timestamp,data\r\ne1,login,even,5,"{""a"":1}"\r\n',
  );
  const sessions = (await get("?kind=sessions&format=csv")).text;
  expect(readCsv(sessions).map(([id, , , , count]) => [id, count])).toEqual([
    ["id", "profile_count"],
    ["odd", "600"],
    ["even", "600"],
  ]);
});

test("an export of nothing is empty, but for the header of CSV", async () => {
  expect((await get("?member=nobody")).text).toBe("");
  expect((await get("?member=nobody&format=csv")).text).toBe("id,session,member,document,timestamp,profile\r\n");
});

for (const [parameters, field] of [
  ["?kind=events&member=x", "member"],
  ["?kind=sessions&from=1", "from"],
  ["?event_type=x", "event_type"],
  ["?format=xml", "format"],
  ["?limit=5", "limit"],
] as const) {
  test(`${parameters} is refused, for it would be ignored`, async () => {
    const { status, text } = await get(parameters);
    expect({ status, field: JSON.parse(text).field }).toEqual({ status: 400, field });
  });
}

test("what is wrong at the start is told with its status, and the next export is let in", async () => {
  const failing = failingStore(new TelepoolError("CONNECTION_LOST", "gone"));
  const broken = createApp({ store: failing, log: () => undefined, limits: { maxLongQueries: 1 } });
  for (let turn = 0; turn < 3; turn++) expect((await broken.request("/api/export")).status).toBe(503);
});

test("an export that fails later is cut off, not ended", async () => {
  let page = 0;
  const failing = failingStore(new Error("not here"), {
    queryProfiles: (filter, request) => {
      if (++page > 4) throw new TelepoolError("CONNECTION_LOST", "gone");
      return store.queryProfiles(filter, request);
    },
  });
  const logged: unknown[] = [];
  const response = await createApp({ store: failing, log: (entry) => logged.push(entry) }).request("/api/export");
  expect(response.status).toBe(200);
  expect(await response.text().catch(() => "cut off")).toBe("cut off");
  expect(logged).toHaveLength(1);
});

test("an export whose reader goes away, or that is only asked for by HEAD, leaves its place to the next", async () => {
  const one = createApp({ store, limits: { maxLongQueries: 1 } });
  const first = await one.request("/api/export");
  expect((await one.request("/api/export")).status).toBe(503);
  await first.body?.cancel();
  const head = await one.request("/api/export", { method: "HEAD" });
  expect(head.status).toBe(200);
  expect((await one.request("/api/export")).status).toBe(200);
});

test("a query that is refused takes no place", async () => {
  const one = createApp({ store, limits: { maxLongQueries: 1 } });
  for (let turn = 0; turn < 3; turn++)
    expect((await one.request("/api/export?kind=sessions&document=x")).status).toBe(400);
  expect((await one.request("/api/export?member=nobody")).status).toBe(200);
});

test("large rows are read a few at a time", async () => {
  const limits: (number | undefined)[] = [];
  const large = { ...profiles[0], profile: { text: "x".repeat(2_000_000) } };
  const watched = failingStore(new Error("not here"), {
    queryProfiles: async (_, page) => {
      limits.push(page?.limit);
      const nextCursor = limits.length < 5 ? "next" : null;
      return { items: [large as Awaited<ReturnType<typeof store.queryProfiles>>["items"][number]], nextCursor };
    },
  });
  expect((await (await createApp({ store: watched }).request("/api/export")).text()).length).toBeGreaterThan(
    10_000_000,
  );
  expect(limits).toEqual([20, 2, 2, 2, 2]);
});

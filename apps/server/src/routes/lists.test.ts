/** What can be asked of profiles and sessions: lists, single rows, aggregates, removal. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPool, TelepoolError } from "@telepool/core";
import { failingStore } from "../../test/failing-store.ts";
import { createApp } from "../create-app.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });
const DAY = Date.UTC(2026, 10, 24);

const profiles = Array.from({ length: 60 }, (_, n) => ({
  id: `p${String(n).padStart(2, "0")}`,
  session: `s${n % 3}`,
  member: n % 2 === 0 ? "ada" : "bob",
  document: `d${n % 5}.md`,
  timestamp: DAY + n * 1000,
  profile: { ms: n, nested: { "a b": [n] } },
}));

beforeAll(() => store.insertProfiles(profiles));
afterAll(() => store.close());

async function get(path: string, method = "GET") {
  const response = await app.request(path, { method });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

test("profiles come newest first, fifty to a page, as they were sent", async () => {
  const { json } = await get("/api/profiles");
  expect(json.items).toEqual(profiles.toReversed().slice(0, 50));
  const rest = await get(`/api/profiles?cursor=${json.next_cursor}`);
  expect(rest.json).toEqual({ items: profiles.slice(0, 10).toReversed(), next_cursor: null });
});

test("pages stay whole while profiles arrive", async () => {
  await using busy = createPool("sqlite://:memory:");
  await busy.insertProfiles(profiles);
  const ids: string[] = [];
  let cursor = "";
  for (let page = 0; page < 3; page++) {
    const response = await createApp({ store: busy }).request(`/api/profiles?limit=10&member=bob${cursor}`);
    const { items, next_cursor } = JSON.parse(await response.text());
    ids.push(...idsOf(items));
    cursor = `&cursor=${next_cursor}`;
    // Newer than all: it belongs to pages that were read already.
    const late = { session: "late", member: "bob", document: "late.md", profile: {}, timestamp: DAY + 1e9 + page };
    await busy.insertProfiles([late]);
  }
  expect(ids).toEqual(idsOf(profiles.filter(({ member }) => member === "bob").toReversed()));
});

const filters: [parameters: string, count: number][] = [
  ["member=ada&session=s0", 10],
  ["document=d1.md", 12],
  ["from=2026-11-24T00:00:30Z&to=2026-11-24T00:00:40Z", 10],
  [`from=${DAY + 50_000}&to=${DAY + 60_000}`, 10],
  ["to=2026-11-24", 0],
  ["member=nobody", 0],
];

for (const [parameters, count] of filters) {
  test(`${parameters} narrows the list to ${count}`, async () => {
    const { json } = await get(`/api/profiles?limit=1000&${parameters}`);
    expect(json.items).toHaveLength(count);
  });
}

const refused: [path: string, field: string, rule: string][] = [
  ["/api/profiles?limit=0", "limit", "must be a whole number from 1 to 1000"],
  ["/api/profiles?limit=1001", "limit", "must be a whole number from 1 to 1000"],
  ["/api/profiles?limit=ten", "limit", "must be a whole number from 1 to 1000"],
  ["/api/profiles?from=yesterday", "from", "must be milliseconds since 1970"],
  ["/api/profiles?from=2026-13-01", "from", "must be milliseconds since 1970"],
  ["/api/profiles?from=-1", "from", "must be milliseconds since 1970"],
  ["/api/profiles?member=", "member", "must not be empty"],
  ["/api/profiles?member=a&member=b", "member", "must be given only once"],
  ["/api/profiles?cursor=x", "cursor", "is not a cursor of this store"],
  ["/api/profiles?members=a", "members", "is not known; there are member, session, document, from, to, limit, cursor"],
  ["/api/profiles/p01?x=1", "x", "is not known; there are no parameters here"],
  ["/api/sessions?session=x", "session", "is not known; there are member, limit, cursor"],
  ["/api/aggregate", "metric", "is missing"],
  ["/api/aggregate?metric=$..ms", "metric", "must be a JSON path"],
  ["/api/aggregate?metric=ms&group_by=month", "group_by", "must be one of member, session, document, time"],
  ["/api/aggregate?metric=ms&group_by=time", "bucket_ms", "is missing; group_by=time wants"],
  ["/api/aggregate?metric=ms&bucket_ms=1", "bucket_ms", "goes with group_by=time only"],
  ["/api/aggregate?metric=ms&group_by=time&bucket_ms=0", "bucket_ms", "must be a whole number from 1"],
];

for (const [path, field, rule] of refused) {
  test(`GET ${path} is refused with its reason`, async () => {
    const { status, json } = await get(path);
    expect({ status, code: json.code, field: json.field }).toEqual({ status: 400, code: "INVALID_ARGUMENT", field });
    expect(json.detail).toStartWith(`${field} ${rule}`);
  });
}

test("one profile is found by its id, whatever the id is made of", async () => {
  expect(await get("/api/profiles/p07")).toEqual({ status: 200, json: profiles[7] });
  expect(await get("/api/profiles/none")).toMatchObject({ status: 404, json: { code: "NOT_FOUND" } });
  for (const id of ["a/b ?#%", "é𝄞", "%2e%2e", "a+b&c=d"]) {
    expect((await get(`/api/profiles/${encodeURIComponent(id)}`)).status).toBe(404);
    await store.insertProfiles([{ id, session: "odd", member: "eve", document: "d", profile: {} }]);
    expect(await get(`/api/profiles/${encodeURIComponent(id)}`)).toMatchObject({ status: 200, json: { id } });
  }
});

test("sessions are listed and found in the names of the schema", async () => {
  const { json } = await get("/api/sessions?member=bob");
  expect(json.items).toEqual([
    { id: "s1", member: "bob", created_at: DAY + 1000, last_activity: DAY + 58_000, profile_count: 20 },
  ]);
  expect((await get("/api/sessions/s1")).json).toEqual(json.items[0]);
  expect((await get("/api/sessions/none")).status).toBe(404);
  expect(idsOf((await get("/api/sessions?member=ada")).json.items)).toEqual(["s2", "s0"]);
  expect(idsOf((await get("/api/sessions?limit=3")).json.items)).toContain("s1");
});

test("a number inside the profiles is summed up, for all and for each group", async () => {
  const all = await get(`/api/aggregate?metric=ms&to=${DAY + 60_000}&member=bob`);
  expect(all.json.groups).toMatchObject([{ group: null, count: 30, min: 1, max: 59, mean: 30, p50: 29 }]);
  const minutes = await get(`/api/aggregate?metric=ms&member=bob&group_by=time&bucket_ms=30000`);
  expect(minutes.json.groups.map(({ group }: { group: number }) => group)).toEqual([DAY, DAY + 30_000]);
  const documents = await get("/api/aggregate?metric=ms&group_by=document&limit=2");
  expect(documents.json.groups.map(({ group }: { group: string }) => group)).toEqual(["d0.md", "d1.md"]);
});

test("a query that takes too long is given up, and the client told to come back", async () => {
  const slow = failingStore(new Error("not here"), {
    aggregate: (_, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new TelepoolError("ABORTED", "the query was aborted")));
      }),
  });
  const response = await createApp({ store: slow, limits: { queryTimeoutMs: 1 } }).request("/api/aggregate?metric=ms");
  expect(response.status).toBe(503);
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ code: "STATEMENT_TIMEOUT", detail: "the database took too long" });
});

test("profiles from before a moment are removed, and events are not", async () => {
  const old = createPool("sqlite://:memory:");
  await old.insertProfiles(profiles);
  await old.recordEvent("login", {}, null, { timestamp: DAY });
  const response = await createApp({ store: old }).request("/api/profiles?before=2026-11-24T00:00:55Z", {
    method: "DELETE",
  });
  expect({ status: response.status, json: await response.json() }).toEqual({
    status: 200,
    json: { profiles: 55, sessions: 0 },
  });
  expect((await old.queryEvents()).items).toHaveLength(1);
  expect((await createApp({ store: old }).request("/api/profiles", { method: "DELETE" })).status).toBe(400);
  await old.close();
});

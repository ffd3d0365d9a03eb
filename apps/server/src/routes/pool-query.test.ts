import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPool } from "@telepool/core";
import { createApp } from "../create-app.ts";

const store = createPool("sqlite://:memory:");
const app = createApp({ store });

beforeAll(async () => {
  const row = (session: string, member: string, timestamp: number) => ({
    id: `p${timestamp}`,
    session,
    member,
    timestamp,
    document: "a.md",
    profile: { timestamp },
  });
  await store.insertProfiles([
    row("s1", "ada", 1000),
    row("s1", "ada", 3000),
    row("s2", "ada", 2000),
    row("s3", "Ada&*=", 4000),
  ]);
});

afterAll(() => store.close());

async function query(parameters: string) {
  const response = await app.request(`/pool-query${parameters}`);
  return { status: response.status, json: JSON.parse(await response.text()) };
}

test("a member's sessions come newest first with their newest profiles, in the names of the schema", async () => {
  const common = { member: "ada", document: "a.md" };
  const profile = (session: string, timestamp: number) => {
    return { ...common, id: `p${timestamp}`, session, timestamp, profile: { timestamp } };
  };
  expect(await query("?member=ada&profiles=1")).toEqual({
    status: 200,
    json: {
      member: "ada",
      sessions: [
        {
          id: "s2",
          member: "ada",
          created_at: 2000,
          last_activity: 2000,
          profile_count: 1,
          profiles: [profile("s2", 2000)],
        },
        {
          id: "s1",
          member: "ada",
          created_at: 1000,
          last_activity: 3000,
          profile_count: 2,
          profiles: [profile("s1", 3000)],
        },
      ],
      next_cursor: null,
    },
  });
});

test("ten profiles come with a session unless another number is asked for, also none", async () => {
  await store.insertProfiles(
    Array.from({ length: 15 }, (_, turn) => ({ session: "s9", member: "eve", document: "d", profile: { turn } })),
  );
  const count = async (parameters: string) => (await query(parameters)).json.sessions[0].profiles.length;
  expect(await count("?member=eve")).toBe(10);
  expect(await count("?member=eve&profiles=12")).toBe(12);
  expect(await count("?member=eve&profiles=0")).toBe(0);
  expect(await query("?member=eve&profiles=101")).toMatchObject({ status: 400, json: { field: "profiles" } });
});

test("a star means every member", async () => {
  const { json } = await query("?member=*");
  expect(json.sessions.map(({ id }: { id: string }) => id)).toEqual(["s9", "s3", "s2", "s1"]);
});

test("a name is taken as it was encoded", async () => {
  const { json } = await query(`?member=${encodeURIComponent("Ada&*=")}`);
  expect(json.sessions).toHaveLength(1);
});

test("a member without sessions has an empty list", async () => {
  expect(await query("?member=nobody")).toEqual({
    status: 200,
    json: { member: "nobody", sessions: [], next_cursor: null },
  });
});

test("the cursor of a page leads to the next, until there is none", async () => {
  const first = await query("?member=ada&limit=1");
  expect(first.json.sessions).toHaveLength(1);
  const second = await query(`?member=ada&limit=1&cursor=${first.json.next_cursor}`);
  expect(second.json).toMatchObject({ sessions: [{ id: "s1" }], next_cursor: null });
});

const refused: [parameters: string, field: string, detail: string][] = [
  ["", "member", "member is missing"],
  ["?member=", "member", "member must not be empty"],
  ["?member=a&member=b", "member", "member must be given only once"],
  ["?membr=a", "membr", "membr is not known; there are member, profiles, limit, cursor"],
  ["?member=a&limit=0", "limit", "limit must be a whole number from 1 to 1000"],
  ["?member=a&limit=1001", "limit", "limit must be a whole number from 1 to 1000"],
  ["?member=a&limit=1e2", "limit", "limit must be a whole number from 1 to 1000"],
  ["?member=a&limit=", "limit", "limit must be a whole number from 1 to 1000"],
  ["?member=a&cursor=nonsense", "cursor", "cursor is not a cursor of this store; start again without one"],
];

for (const [parameters, field, detail] of refused) {
  test(`the query "${parameters}" is refused with its reason`, async () => {
    expect(await query(parameters)).toMatchObject({ status: 400, json: { code: "INVALID_ARGUMENT", field, detail } });
  });
}

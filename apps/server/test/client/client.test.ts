/** The client against a real server. */
import { afterAll, expect, test } from "bun:test";
import { createClient, type ProfileInput } from "@telepool/server/client";
import { serve } from "../../src/serving/serve.ts";

const TOKEN = "a-token-for-tests-only";
const server = await serve({
  port: 0,
  dbUrl: "sqlite://:memory:",
  log: () => {},
  tokens: [{ token: TOKEN, scopes: ["ingest", "read", "admin"] }],
});
const client = createClient({ baseUrl: server.url, token: TOKEN });

afterAll(() => server.close());

/** Its own, so that no test sees the rows of another. */
function profileOf(member: string, ms = 1): ProfileInput {
  return { session: `${member}-1`, member, document: "lexer.md", profile: { ms } };
}

test("what was stored is listed, found and counted, with its types", async () => {
  const stored = await client.POST("/api/profiles", { body: [profileOf("types", 3), profileOf("types", 5)] });
  expect(stored.response.status).toBe(201);
  const listed = await client.GET("/api/profiles", { params: { query: { member: "types", from: "2020-01-01" } } });
  expect(listed.data?.items.map(({ profile }) => profile.ms).sort()).toEqual([3, 5]);
  const id = listed.data?.items[0]?.id ?? "";
  const found = await client.GET("/api/profiles/{id}", { params: { path: { id } } });
  expect(found.data?.session).toBe("types-1");
  const query = { metric: "$.ms", member: "types", group_by: "document" } as const;
  const { data } = await client.GET("/api/aggregate", { params: { query } });
  expect(data?.groups).toMatchObject([{ group: "lexer.md", count: 2, min: 3, max: 5 }]);
});

test("the answer to one row has an id, which its type knows after a look", async () => {
  const { data } = await client.POST("/api/events", { body: { event_type: "started" } });
  expect(data !== undefined && "id" in data && data.duplicate === false).toBe(true);
});

test("a row may be of any object type, interfaces too", async () => {
  interface Measured {
    readonly ms: number;
  }
  const measured: Measured = { ms: 1 };
  const { response } = await client.POST("/api/profiles", { body: { ...profileOf("interfaces"), profile: measured } });
  expect(response.status).toBe(201);
});

test("a refusal is an error with a code and a field", async () => {
  const { data, error, response } = await client.POST("/api/profiles", { body: { ...profileOf("x"), member: "" } });
  expect(data).toBeUndefined();
  expect(response.status).toBe(400);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: "member" });
});

test("a wrong token is an error like any other", async () => {
  const { error } = await createClient({ baseUrl: server.url, token: "another-token-of-tests" }).GET("/pool-stats");
  expect(error?.code).toBe("UNAUTHORIZED");
});

test("an export comes as a stream", async () => {
  await client.POST("/api/profiles", { body: profileOf("export") });
  const params = { query: { member: "export", kind: "profiles" } as const };
  const { data } = await client.GET("/api/export", { params, parseAs: "stream" });
  const lines = (await new Response(data).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).member)).toEqual(["export"]);
});

test("a server behind a path is reached there", async () => {
  await using proxy = Bun.serve({
    port: 0,
    fetch: ({ url, headers }) => fetch(url.replace(/^.*?\/telepool/, server.url), { headers }),
  });
  const { data } = await createClient({ baseUrl: `${proxy.url}telepool`, token: TOKEN }).GET("/pool-stats");
  expect(data?.maxPoolSize).toBeGreaterThan(0);
});

test("the types refuse what the server would", () => {
  const wrong = [
    // @ts-expect-error a misspelt parameter
    () => client.GET("/api/profiles", { params: { query: { membr: "x" } } }),
    // @ts-expect-error a value that is none of the words
    () => client.GET("/api/export", { params: { query: { kind: "rows" } } }),
    // @ts-expect-error a parameter that is missing
    () => client.GET("/api/aggregate"),
    // @ts-expect-error a field that is missing
    () => client.POST("/api/profiles", { body: { session: "s", member: "m", profile: {} } }),
    // @ts-expect-error a path that is not there
    () => client.GET("/api/profile"),
    // @ts-expect-error an event among profiles
    () => client.storeLines("profiles", [{ event_type: "x" }]),
  ];
  expect(wrong).toHaveLength(6); // they are for the type checker
});

/** Lines against a real server. */
import { afterAll, expect, test } from "bun:test";
import { createClient, type ProfileInput } from "@telepool/server/client";
import { serve } from "../../src/serving/serve.ts";

const TOKEN = "a-token-for-tests-only";
const tokens = [{ token: TOKEN, scopes: ["ingest", "read"] as const }];
const server = await serve({ port: 0, dbUrl: "sqlite://:memory:", log: () => {}, tokens });
const client = createClient({ baseUrl: server.url, token: TOKEN });

afterAll(() => server.close());

function* profiles(member: string, count: number): Generator<ProfileInput, void> {
  for (let number = 0; number < count; number++) {
    yield { session: "s", member, document: "d", profile: { number, text: "x".repeat(200) } };
  }
}

async function countOf(member: string): Promise<number | undefined> {
  const { data } = await client.GET("/api/aggregate", { params: { query: { metric: "$.number", member } } });
  return data?.groups[0]?.count;
}

for (const options of [{}, { gzip: true }, { collect: true }, { gzip: true, collect: true }]) {
  test(`rows are stored with ${JSON.stringify(options)}`, async () => {
    const member = `lines ${JSON.stringify(options)}`;
    const { data, error } = await client.storeLines("profiles", profiles(member, 2000), options);
    expect(error).toBeUndefined();
    expect(data).toEqual({ accepted: 2000, duplicate: 0, rejected: 0, errors: [] });
    expect(await countOf(member)).toBe(2000);
  });
}

test("events are stored too, and no rows at all are no error", async () => {
  const { data } = await client.storeLines("events", [{ event_type: "started" }, { event_type: "ended" }]);
  expect(data?.accepted).toBe(2);
  expect((await client.storeLines("events", [])).data?.accepted).toBe(0);
});

test("bad lines are told by number, and the good ones stored", async () => {
  const rows = [...profiles("partly", 1), {} as ProfileInput, ...profiles("partly", 1)];
  const { data } = await client.storeLines("profiles", rows);
  expect(data).toMatchObject({ accepted: 2, rejected: 1, errors: [{ line: 2, code: "INVALID_ARGUMENT" }] });
});

test("rows that throw make the call throw the same", async () => {
  const reason = new Error("the source broke");
  async function* breaking() {
    yield* profiles("breaking", 1);
    throw reason;
  }
  await expect(client.storeLines("profiles", breaking())).rejects.toBe(reason);
});

test("a refusal ends rows without an end, and their source hears of it", async () => {
  let ended = false;
  async function* endless() {
    try {
      for (;;) {
        yield* profiles("endless", 100);
        await Bun.sleep(1); // a source that is faster than the connection would fill the memory of the one who sends
      }
    } finally {
      ended = true;
    }
  }
  const stranger = createClient({ baseUrl: server.url, token: "another-token-of-tests" });
  const { error } = await stranger.storeLines("profiles", endless());
  expect(error?.code).toBe("UNAUTHORIZED");
  while (!ended) await Bun.sleep(1);
});

test("a signal ends the call", async () => {
  const abort = new AbortController();
  async function* waiting() {
    yield* profiles("aborted", 1);
    abort.abort();
    await new Promise(() => {});
  }
  await expect(client.storeLines("profiles", waiting(), { signal: abort.signal })).rejects.toThrow("abort");
});

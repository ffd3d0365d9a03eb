/** The client under node:test; node.test.ts bundles this file and has Node run it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, type ProfileInput } from "../../src/client/index.ts";

const baseUrl = process.env.TELEPOOL_NODE_TEST_URL ?? "";
const token = process.env.TELEPOOL_NODE_TEST_TOKEN ?? "";
const client = createClient({ baseUrl, token });

function* profiles(member: string, count: number): Generator<ProfileInput, void> {
  for (let number = 0; number < count; number++) {
    yield { session: "s", member, document: "d", profile: { number, text: "x".repeat(200) } };
  }
}

test("requests are answered", async () => {
  const { data, error } = await client.POST("/api/profiles", { body: [...profiles("node", 2)] });
  assert.equal(error, undefined);
  assert.ok(data !== undefined && "ids" in data && data.ids.length === 2);
  const listed = await client.GET("/api/profiles", { params: { query: { member: "node" } } });
  assert.equal(listed.data?.items.length, 2);
});

for (const options of [{}, { gzip: true }, { collect: true }]) {
  test(`lines are stored with ${JSON.stringify(options)}`, async () => {
    const { data } = await client.storeLines("profiles", profiles("lines", 3000), options);
    assert.equal(data?.accepted, 3000);
  });
}

test("a refusal ends rows without an end", async () => {
  let ended = false;
  async function* endless() {
    try {
      for (;;) {
        yield* profiles("endless", 100);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      ended = true;
    }
  }
  const stranger = createClient({ baseUrl, token: "another-token-of-tests" });
  const { error } = await stranger.storeLines("profiles", endless());
  assert.equal(error?.code, "UNAUTHORIZED");
  while (!ended) await new Promise((resolve) => setTimeout(resolve, 1));
});

test("rows that throw make the call throw the same", async () => {
  const reason = new Error("the source broke");
  async function* breaking() {
    yield* profiles("breaking", 1);
    throw reason;
  }
  await assert.rejects(client.storeLines("profiles", breaking()), (error) => error === reason);
});

test("rows come as they are stored, until the signal fires", async () => {
  const abort = new AbortController();
  const seen: string[] = [];
  for await (const message of client.tail({ member: "tail" }, { signal: abort.signal })) {
    seen.push(message.type);
    if (message.type === "ready") await client.POST("/api/profiles", { body: [...profiles("tail", 2)] });
    if (seen.length === 3) abort.abort();
  }
  assert.deepEqual(seen, ["ready", "profile", "profile"]);
});

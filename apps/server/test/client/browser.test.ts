/** The client in a real browser, on a page of another origin than the server's. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { serve } from "../../src/serving/serve.ts";
import { describeInBrowser, startChromium } from "../browser/chromium.ts";

const TOKEN = "a-token-for-tests-only";

/** What the page does, in words that a browser understands. */
const PROGRAM = `
const { createClient, ProblemError } = await import("/client.js");
const client = createClient({ baseUrl, token });
const row = (ms) => ({ session: "s", member: "page", document: "d", profile: { ms } });
const seen = [];
const abort = new AbortController();
const following = (async () => {
  for await (const message of client.tail({ member: "page" }, { signal: abort.signal })) {
    seen.push(message.type);
    if (message.type === "ready") ready();
    if (seen.length === 4) abort.abort();
  }
})();
let ready;
await new Promise((resolve) => { ready = resolve; });
const stored = await client.storeLines("profiles", [row(1), row(2)]);
const compressed = await client.storeLines("profiles", [row(3)], { gzip: true });
await following;
const { data } = await client.GET("/api/profiles", { params: { query: { member: "page" } } });
const { error } = await createClient({ baseUrl, token: "another-token-of-tests" }).GET("/pool-stats");
return { seen, accepted: stored.data.accepted + compressed.data.accepted, listed: data.items.length, code: error.code };
`;

describeInBrowser({ describe, test }, "in a browser", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });

  afterAll(() => browser.close());

  test("the client asks, sends lines and follows the tail", async () => {
    const entrypoints = [join(import.meta.dir, "../../src/client/index.ts")];
    const [bundle] = (await Bun.build({ entrypoints, target: "browser" })).outputs;
    await using site = Bun.serve({
      port: 0,
      routes: {
        "/": new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
        "/client.js": new Response(await bundle?.text(), { headers: { "content-type": "text/javascript" } }),
      },
    });
    const origin = `http://127.0.0.1:${site.port}`;
    await using server = await serve({
      port: 0,
      dbUrl: "sqlite://:memory:",
      log: () => {},
      tokens: [{ token: TOKEN, scopes: ["ingest", "read"] }],
      corsOrigins: [origin],
    });
    const page = await browser.newPage();
    await page.goto(origin);
    const given = `const baseUrl = ${JSON.stringify(server.url)}, token = ${JSON.stringify(TOKEN)};`;
    const result = await page.evaluate(`(async () => { ${given} ${PROGRAM} })()`);
    expect(result).toEqual({
      seen: ["ready", "profile", "profile", "profile"],
      accepted: 3,
      listed: 3,
      code: "UNAUTHORIZED",
    });
  });
});

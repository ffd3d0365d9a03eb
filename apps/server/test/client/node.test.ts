/** The client works under Node as well as under Bun, and loads nothing of the server anywhere. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { testUnderNode } from "@telepool/test-servers";
import { serve } from "../../src/serving/serve.ts";

const ENTRY = join(import.meta.dir, "../../src/client/index.ts");

test("its tests pass under Node", async () => {
  const token = "a-token-for-tests-only";
  const tokens = [{ token, scopes: ["ingest", "read"] as const }];
  await using server = await serve({ port: 0, dbUrl: "sqlite://:memory:", log: () => {}, tokens });
  const env = { TELEPOOL_NODE_TEST_URL: server.url, TELEPOOL_NODE_TEST_TOKEN: token };
  const entry = join(import.meta.dir, "under-node.ts");
  const { code, passed, failed, output } = await testUnderNode(entry, ["eventsource-parser", "openapi-fetch"], env);
  expect(failed, output).toBe(0);
  expect(passed).toBe(7);
  expect(code).toBe(0);
});

test("it loads two small packages and nothing else, and fits into a page", async () => {
  const { outputs } = await Bun.build({ entrypoints: [ENTRY], target: "browser", packages: "external" });
  const code = (await outputs[0]?.text()) ?? "";
  const imported = new Bun.Transpiler({ loader: "js" }).scanImports(code).map(({ path }) => path);
  expect(imported.sort()).toEqual(["eventsource-parser", "openapi-fetch"]);
  expect(code).not.toMatch(/\b(Bun|process|Buffer)\b/);
  const whole = await Bun.build({ entrypoints: [ENTRY], target: "browser", minify: true });
  expect(whole.outputs[0]?.size).toBeLessThan(16_000);
});

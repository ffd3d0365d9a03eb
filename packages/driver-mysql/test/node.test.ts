/** The driver, and core beneath it, work under Node as well as under Bun. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { conformanceCases } from "@telepool/core/testing";
import { describeOn, mysqlServer, testUnderNode } from "@telepool/test-servers";

describeOn("mysql", { describe, test }, "under Node", () => {
  test("the whole conformance suite holds", async () => {
    const { url } = await mysqlServer();
    const entry = join(import.meta.dir, "under-node.ts");
    const { code, passed, failed, output } = await testUnderNode(entry, ["mysql2"], { TELEPOOL_NODE_TEST_URL: url });
    expect(failed, output).toBe(0);
    expect(passed).toBeGreaterThan(conformanceCases().length);
    expect(code).toBe(0);
  });
});

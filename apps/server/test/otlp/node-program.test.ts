/** What docs/opentelemetry.md promises: a program for Node with the stock SDK sends by its environment alone. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { serve } from "../../src/serving/serve.ts";

const PROGRAM = join(import.meta.dir, "../fixtures/otlp-program.mjs");
const INGEST = "ingest-token-of-a-test";
const READ = "read-token-of-a-test";

test("a Node program with the stock SDK gets its spans, logs and metrics in, and out by curl's means", async () => {
  await using server = await serve({
    port: 0,
    dbUrl: "sqlite://:memory:",
    tokens: [
      { token: INGEST, scopes: ["ingest"] },
      { token: READ, scopes: ["read"] },
    ],
  });
  const child = Bun.spawn(["node", PROGRAM], {
    env: {
      PATH: process.env.PATH,
      OTEL_SERVICE_NAME: "checkout",
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${INGEST}`,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "sent by node\n", stderr: "" });

  const get = async (path: string) => {
    const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${READ}` } });
    return JSON.parse(await response.text());
  };
  const { groups } = await get("/api/aggregate?metric=durationMs&member=checkout&group_by=document");
  expect(groups.map(({ group, count }: { group: string; count: number }) => [group, count])).toEqual([
    ["GET /cart/0", 250],
    ["GET /cart/1", 250],
    ["GET /cart/2", 250],
    ["GET /cart/3", 250],
  ]);
  const [log] = (await get("/api/events?event_type=log")).items;
  expect(log.data).toMatchObject({ body: "paid", severityText: "INFO", attributes: { amount: 12.5 } });
  const [metric] = (await get("/api/events?event_type=metric")).items;
  expect(metric.data).toMatchObject({ name: "orders", kind: "sum", value: 3, attributes: { kind: "book" } });
});

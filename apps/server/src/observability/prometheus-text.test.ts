import { expect, test } from "bun:test";
import { prometheusText } from "./prometheus-text.ts";

test("names become those of Prometheus, with unit and total", () => {
  const one = (name: string, unit: string, type: "counter" | "upDownCounter" | "gauge") =>
    prometheusText([{ name, unit, type, description: "", points: [{ attributes: {}, value: 1 }] }])
      .split("\n")
      .at(-2);
  expect(one("db.client.connection.count", "{connection}", "upDownCounter")).toBe("db_client_connection_count 1");
  expect(one("db.client.connection.timeouts", "{timeout}", "counter")).toBe("db_client_connection_timeouts_total 1");
  expect(one("telepool.queue.bytes", "By", "gauge")).toBe("telepool_queue_bytes 1");
  expect(one("x.size", "By", "counter")).toBe("x_size_bytes_total 1");
});

test("a histogram's buckets are summed up, and end with all", () => {
  const text = prometheusText([
    {
      name: "db.client.connection.wait_time",
      unit: "s",
      type: "histogram",
      description: "Waits.",
      bounds: [0.1, 1],
      points: [{ attributes: { "db.client.connection.pool.name": "write" }, buckets: [2, 1, 3], count: 6, sum: 9.5 }],
    },
  ]);
  expect(text).toBe(`# HELP db_client_connection_wait_time_seconds Waits.
# TYPE db_client_connection_wait_time_seconds histogram
db_client_connection_wait_time_seconds_bucket{db_client_connection_pool_name="write",le="0.1"} 2
db_client_connection_wait_time_seconds_bucket{db_client_connection_pool_name="write",le="1"} 3
db_client_connection_wait_time_seconds_bucket{db_client_connection_pool_name="write",le="+Inf"} 6
db_client_connection_wait_time_seconds_sum{db_client_connection_pool_name="write"} 9.5
db_client_connection_wait_time_seconds_count{db_client_connection_pool_name="write"} 6
`);
});

test("what stands in a description or a label cannot end its line", () => {
  const text = prometheusText([
    {
      name: "x",
      unit: "",
      type: "gauge",
      description: 'a\nb "c" \\d',
      points: [{ attributes: { "a-b": 'q"\\\n' }, value: Number.POSITIVE_INFINITY }],
    },
  ]);
  expect(text).toBe('# HELP x a\\nb "c" \\\\d\n# TYPE x gauge\nx{a_b="q\\"\\\\\\n"} +Inf\n');
});

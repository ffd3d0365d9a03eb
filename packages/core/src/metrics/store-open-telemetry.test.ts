/** A store and a real OpenTelemetry SDK. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { metrics } from "@opentelemetry/api";
import { byName, OtelRig } from "../../test/otel-rig.ts";
import { createPool } from "../create-pool.ts";
import { TelemetryPool, type TelemetryPoolOptions } from "../telemetry-pool.ts";
import { sampleEventInputs, sampleInput, sampleInputs } from "../testing/conformance/sample-rows.ts";
import { type FakeDriver, fakeDriver } from "../testing/fake-driver.ts";

let driver: FakeDriver;

beforeEach(() => {
  driver = fakeDriver();
});

afterEach(() => metrics.disable());

/** A store of which something has been asked. */
async function used(options: TelemetryPoolOptions): Promise<TelemetryPool> {
  const store = new TelemetryPool({ driver, pool: { min: 2, max: 5, sampleEvery: 1 }, ...options });
  await store.addProfile(sampleInput(1));
  await store.insertProfiles(sampleInputs(40));
  await store.importEvents(sampleEventInputs(1200));
  await store.getProfile("profile-000001");
  return store;
}

test("an SDK has the same as metrics(), from the first connection on", async () => {
  await using otel = new OtelRig();
  const store = await used({ meterProvider: otel.provider });
  const collected = await otel.collect();
  expect(collected).toEqual(byName(store.metrics())); // times too: both have added up the same numbers in the same order
  expect(collected.map(({ name }) => name)).toContain("db.client.connection.create_time");
  await store.addProfile(sampleInput(100));
  expect(await otel.collect()).toEqual(byName(store.metrics()));
  await store.close();
});

test("an SDK that the program has registered before is found", async () => {
  await using otel = new OtelRig();
  metrics.setGlobalMeterProvider(otel.provider);
  const store = await used({});
  expect(await otel.collect()).toEqual(byName(store.metrics()));
  await store.close();
});

test("the provider that is given goes before the one that is registered", async () => {
  await using registered = new OtelRig();
  await using given = new OtelRig();
  metrics.setGlobalMeterProvider(registered.provider);
  const store = await used({ meterProvider: given.provider });
  expect(await registered.collect()).toEqual([]);
  expect(await given.collect()).toEqual(byName(store.metrics()));
  await store.close();
});

test("two stores are told apart by the names of their pools", async () => {
  await using otel = new OtelRig();
  const names = ["one", "two"];
  const stores = await Promise.all(names.map((name) => used({ meterProvider: otel.provider, pool: { name } })));
  const ingested = (await otel.collect()).find(({ name }) => name === "telepool.ingest.rows");
  expect(ingested?.points.length).toBe(12);
  await Promise.all(stores.map((store) => store.close()));
});

test("a store that is closed is not read any more", async () => {
  await using otel = new OtelRig();
  const store = await used({ meterProvider: otel.provider });
  await store.close();
  const left = (await otel.collect()).filter(({ type }) => type !== "histogram");
  expect(left).toEqual([]);
});

test("an opening that failed leaves nothing behind, and the next one emits", async () => {
  await using otel = new OtelRig();
  const store = new TelemetryPool({ driver, meterProvider: otel.provider, retryTimeoutMs: 0 });
  driver.failNext("execute", { code: "PERMISSION_DENIED" });
  expect(await store.open().catch((error: unknown) => error)).toMatchObject({ code: "PERMISSION_DENIED" });
  expect((await otel.collect()).filter(({ type }) => type !== "histogram")).toEqual([]);
  await store.addProfile(sampleInput(1));
  const rows = (await otel.collect()).find(({ name }) => name === "telepool.ingest.rows");
  expect(rows).toEqual(store.metrics().find(({ name }) => name === "telepool.ingest.rows"));
  await store.close();
});

test("what is no meter provider is refused, also by createPool", () => {
  for (const wrong of [5, {}, { getMeter: 5 }]) {
    const meterProvider = wrong as unknown as OtelRig["provider"]; // the fault that is tested
    const refusal = expect.objectContaining({ code: "INVALID_OPTION", field: "options.meterProvider" });
    expect(() => new TelemetryPool({ driver, meterProvider })).toThrow(refusal);
    expect(() => createPool("sqlite://:memory:", { meterProvider })).toThrow(refusal);
  }
});

test("a program without OpenTelemetry loads none of it", () => {
  const program = join(import.meta.dir, "../../test/fixtures/open-without-otel.ts");
  const { stdout, stderr } = Bun.spawnSync([process.execPath, program]);
  expect(stderr.toString()).toBe("");
  expect(stdout.toString().trim()).toBe("0");
});

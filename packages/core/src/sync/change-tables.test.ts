import { expect, test } from "bun:test";
import { TelemetryPool } from "../telemetry-pool.ts";
import { fakeDriver } from "../testing/fake-driver.ts";
import { openSyncSource } from "./index.ts";

test("a driver that cannot note changes says so", async () => {
  await using store = new TelemetryPool({ driver: fakeDriver() });
  const { changes } = await openSyncSource(store);
  await expect(changes.install()).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
});

import { describe, expect, test } from "bun:test";
import { TelemetryPool } from "../telemetry-pool.ts";
import { sampleEvent, sampleProfile } from "./conformance/sample-rows.ts";
import { FakeClock } from "./fake-clock.ts";
import { fakeDriver } from "./fake-driver.ts";

const signal = new AbortController().signal;

describe("a fake driver", () => {
  test("stores batches, reports duplicates and reads them back", async () => {
    const driver = fakeDriver();
    const connection = await driver.connect("write", signal);
    expect(await connection.writeProfiles([sampleProfile(1), sampleProfile(2), sampleProfile(1)])).toEqual({
      duplicates: [2],
    });
    expect(await connection.writeEvents([sampleEvent(1)])).toEqual({ duplicates: [] });
    expect(await connection.readProfiles(["profile-000002", "nobody"])).toEqual([sampleProfile(2), undefined]);
    expect([driver.profiles.size, driver.events.size]).toEqual([2, 1]);
  });

  test("keeps what is not committed to its connection", async () => {
    const driver = fakeDriver();
    const writing = await driver.connect("write", signal);
    const reading = await driver.connect("read", signal);
    await writing.begin();
    await writing.writeProfiles([sampleProfile(1)]);
    expect(await writing.readProfiles(["profile-000001"])).toEqual([sampleProfile(1)]);
    expect(await reading.readProfiles(["profile-000001"])).toEqual([undefined]);
    await writing.rollback();
    expect(driver.profiles.size).toBe(0);
    await writing.begin();
    await writing.writeProfiles([sampleProfile(1)]);
    await writing.commit();
    expect(await reading.readProfiles(["profile-000001"])).toEqual([sampleProfile(1)]);
  });

  test("fails as often as it was told to, with the class that it was told", async () => {
    const driver = fakeDriver();
    const connection = await driver.connect("write", signal);
    driver.failNext("ping", { code: "DATABASE_BUSY", retryable: true }, 2);
    for (const _ of [1, 2]) {
      const error = await connection.ping().catch((thrown: unknown) => thrown);
      expect(driver.classify(error)).toMatchObject({ code: "DATABASE_BUSY", retryable: true });
    }
    await connection.ping();
    expect(driver.count("ping")).toBe(3);
  });

  test("holds an operation until it is let go", async () => {
    const driver = fakeDriver();
    const connection = await driver.connect("write", signal);
    const gate = driver.holdNext("writeProfiles");
    const writing = connection.writeProfiles([sampleProfile(1)]);
    await gate.reached;
    expect(driver.profiles.size).toBe(0);
    gate.open();
    await writing;
    expect(driver.profiles.size).toBe(1);
  });

  test("takes its time from the clock", async () => {
    const clock = new FakeClock();
    const driver = fakeDriver({ clock, delaysMs: { connect: 150 } });
    const connecting = driver.connect("write", signal);
    await clock.advance(149);
    expect(driver.openConnections).toBe(0);
    await clock.advance(1);
    await connecting;
    expect(driver.openConnections).toBe(1);
  });

  test("loses its connections when it is told to", async () => {
    const driver = fakeDriver();
    const connection = await driver.connect("write", signal);
    driver.breakConnections();
    expect(connection.isBroken()).toBe(true);
    expect(connection.ping()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await connection.close();
    expect(driver.openConnections).toBe(0);
  });

  test("serves the hot paths of a store and refuses SQL", async () => {
    const driver = fakeDriver();
    const store = new TelemetryPool({ driver });
    const id = await store.insertProfile("s", { latency: 5 }, "m", "d");
    await store.recordEvent("click");
    expect((await store.getProfile(id))?.profile).toEqual({ latency: 5 });
    expect(await store.health()).toMatchObject({ ok: true, driver: "fake" });
    expect(store.queryProfiles()).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
    await store.close();
    expect(driver.openConnections).toBe(0);
  });
});

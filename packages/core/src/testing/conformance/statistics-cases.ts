/** What `stats()` and `health()` say. */
import assert from "node:assert/strict";
import type { CallTiming } from "../../call-timing.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { sampleInput, sampleInputs } from "./sample-rows.ts";

export const statisticsCases: readonly ConformanceCase[] = casesOf("statistics", {
  "stats are there before the first call, and all zero": async ({ newStore }) => {
    const { poolSize, maxPoolSize, stats, hitRate, pools, queues } = newStore().stats();
    assert.deepEqual(
      { poolSize, maxPoolSize, hitRate, pools },
      { poolSize: 0, maxPoolSize: 4, hitRate: "0%", pools: {} },
    );
    assert.deepEqual(stats, { hits: 0, misses: 0, totalOperations: 0, avgLatency: 0 });
    assert.deepEqual(queues.lookups, { waiting: 0, batches: 0, keys: 0 });
    assert.equal(queues.profiles.rows + queues.events.rows, 0);
  },

  "stats count operations, rows, hits and connections": async ({ newStore }) => {
    const store = newStore();
    await Promise.all(sampleInputs(10).map((input) => store.addProfile(input)));
    await store.addProfile(sampleInput(1));
    await store.recordEvent("click");
    await store.getProfile("profile-000001");
    await store.queryProfiles();
    const all = store.stats();
    assert.equal(all.stats.totalOperations, 14);
    assert.equal(all.operationMs.count, 14);
    assert.ok(all.stats.avgLatency > 0 && all.operationMs.p50 <= all.operationMs.p99);
    assert.ok(all.stats.hits + all.stats.misses > 0);
    assert.match(all.hitRate, /^\d+(\.\d)?%$/);
    assert.ok(all.poolSize > 0 && all.poolSize <= all.maxPoolSize && all.maxPoolSize <= 4);
    assert.deepEqual([all.inUse, all.waiting, all.timeouts], [0, 0, 0]);
    assert.ok(all.idle > 0);
    const { profiles, events, lookups } = all.queues;
    assert.deepEqual([profiles.rows, profiles.duplicates, profiles.rejected], [11, 1, 0]);
    assert.deepEqual([profiles.queuedRows, profiles.queuedBytes, profiles.waiting], [0, 0, 0]);
    assert.deepEqual([events.rows, lookups.keys, lookups.waiting], [1, 1, 0]);
    const pools = Object.values(all.pools);
    assert.ok(all.pools.write !== undefined && pools.every(({ poolSize, maxPoolSize }) => poolSize <= maxPoolSize));
  },

  "metrics name the database and the pools, and count rows and calls": async ({ driver, newStore }) => {
    const store = newStore();
    await store.insertProfiles(sampleInputs(5));
    await Promise.all([store.addProfile(sampleInput(1)), store.addProfile(sampleInput(7))]);
    await store.queryProfiles();
    const families = new Map(store.metrics().map((family) => [family.name, family]));
    const count = families.get("db.client.connection.count");
    assert.ok(count !== undefined && count.points.length >= 2 && count.type !== "histogram");
    const roles = new Set(Object.keys(store.stats().pools));
    for (const { attributes } of count.points) {
      assert.equal(attributes["db.system.name"], driver.name);
      assert.ok(roles.has(attributes["db.client.connection.pool.name"] ?? ""));
    }
    const { poolSize, pools } = store.stats();
    const open = count.points.reduce((sum, { value }) => sum + value, 0);
    assert.equal(open, poolSize + (pools.scan?.poolSize ?? 0));
    const ingested = families.get("telepool.ingest.rows");
    assert.ok(ingested !== undefined && ingested.type === "counter");
    const profiles = ingested.points.filter(({ attributes }) => attributes["telepool.kind"] === "profiles");
    assert.deepEqual(
      profiles.map(({ attributes, value }) => [attributes["telepool.outcome"], value]),
      [
        ["stored", 6],
        ["duplicate", 1],
        ["rejected", 0],
      ],
    );
    const durations = families.get("db.client.operation.duration");
    assert.ok(durations !== undefined && durations.type === "histogram");
    assert.deepEqual(
      durations.points.map(({ attributes, count: calls }) => [attributes["db.operation.name"], calls]),
      [
        ["insertProfiles", 1],
        ["addProfile", 2],
        ["queryProfiles", 1],
      ],
    );
    for (const { sum, count: calls, buckets } of durations.points) {
      assert.ok(sum > 0 && sum < 60, "seconds");
      assert.equal(
        buckets.reduce((total, bucket) => total + bucket, 0),
        calls,
      );
    }
  },

  "a call that asks is told where its time went": async ({ newStore }) => {
    const store = newStore();
    await store.open();
    for (const [name, call] of Object.entries<(timing: CallTiming) => Promise<unknown>>({
      addProfile: (timing) => store.addProfile(sampleInput(1), { timing }),
      insertProfiles: (timing) => store.insertProfiles(sampleInputs(1100), { timing }),
      importEvents: (timing) => store.importEvents([{ type: "click" }], { timing }),
      getProfile: (timing) => store.getProfile("profile-000001", { timing }),
      getSession: (timing) => store.getSession("session-1", { timing }),
      queryProfiles: (timing) => store.queryProfiles({}, { limit: 1000 }, { timing }),
      aggregate: (timing) => store.aggregate({ metric: "$.latency" }, { timing }),
      prune: (timing) => store.prune({ maxRows: 10, timing }),
    })) {
      const timing = { queueMs: 0, poolMs: 0, databaseMs: 0 };
      const startedMs = performance.now();
      await call(timing);
      const tookMs = performance.now() - startedMs;
      const { queueMs, poolMs, databaseMs } = timing;
      assert.ok(databaseMs > 0 && poolMs >= 0, `${name}: ${JSON.stringify(timing)}`);
      assert.ok(queueMs + poolMs + databaseMs <= tookMs, `${name} took ${tookMs} ms: ${JSON.stringify(timing)}`);
      if (name === "addProfile") assert.ok(queueMs > 0);
    }
  },

  "a healthy store names its driver and its place, without a secret": async ({ driver, newStore }) => {
    const health = await newStore().health();
    assert.ok(health.ok);
    assert.equal(health.driver, driver.name);
    assert.equal(health.location, driver.location);
    assert.ok(health.latencyMs >= 0);
    assert.ok(!/\/\/[^/]*:[^/]*@/.test(driver.location), "a location holds no password");
  },

  "a closed store is not healthy": async ({ newStore }) => {
    const store = newStore();
    await store.open();
    await store.close();
    const health = await store.health();
    assert.ok(!health.ok);
    assert.equal(health.error.code, "POOL_CLOSED");
  },
});

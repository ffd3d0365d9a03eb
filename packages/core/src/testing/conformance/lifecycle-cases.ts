/** Opening, closing, and what is left of the data. */
import assert from "node:assert/strict";
import { wrapConnections } from "../wrap-driver.ts";
import { type ConformanceCase, casesOf } from "./case.ts";
import { expectSameRows, failureOf, rejectsWith, storedProfiles } from "./expectations.ts";
import { sampleInput, sampleProfile } from "./sample-rows.ts";

export const lifecycleCases: readonly ConformanceCase[] = casesOf("lifecycle", {
  "a store connects at its first call, not before": async ({ driver, newStore }) => {
    let connections = 0;
    const counting = wrapConnections(driver, (connection) => {
      connections++;
      return connection;
    });
    const store = newStore({ driver: counting });
    store.stats();
    assert.equal(connections, 0);
    await store.open();
    assert.ok(connections > 0);
  },

  "a connection answers a ping": async ({ connect }) => {
    const { connection } = await connect();
    await connection.ping();
    assert.equal(connection.isBroken(), false);
  },

  "a driver that says that it is in process reads without a promise": async ({ driver, connect }) => {
    const { connection } = await connect();
    const answer = connection.readProfiles(["nobody"]);
    if (driver.capabilities.inProcess) assert.deepEqual(answer, [undefined]);
    assert.deepEqual(await answer, [undefined]);
  },

  "a closed connection refuses work": async ({ connect }) => {
    const { connection } = await connect();
    await connection.close();
    await failureOf(() => connection.ping());
    await failureOf(() => connection.writeProfiles([sampleProfile(1)]));
    await failureOf(() => connection.readProfiles(["profile-000001"]));
  },

  "reset leaves a connection that has nothing to undo as it is": async ({ connect }) => {
    const { connection } = await connect();
    await connection.writeProfiles([sampleProfile(1)]);
    await connection.reset();
    expectSameRows(await connection.readProfiles(["profile-000001"]), [sampleProfile(1)]);
  },

  "connecting with a signal that has fired settles": async ({ driver }) => {
    const connecting = (async () => await driver.connect("write", AbortSignal.abort()))();
    const connection = await connecting.catch(() => undefined);
    await connection?.close();
  },

  "what was stored is there when a store is opened again": async ({ newStore, reopen }) => {
    const first = newStore();
    await first.addProfile(sampleInput(1));
    await first.recordEvent("click", { n: 1 });
    await first.close();
    const second = newStore({ driver: reopen() });
    assert.deepEqual(await storedProfiles(second), [sampleInput(1)]);
    assert.equal((await second.getSession("session-1"))?.profileCount, 1);
    assert.equal((await second.queryEvents()).items.length, 1);
  },

  "two stores on the same data see each other's rows": async ({ newStore, reopen }) => {
    const first = newStore();
    const second = newStore({ driver: reopen() });
    await first.addProfile(sampleInput(1));
    await second.addProfile(sampleInput(2));
    assert.equal((await storedProfiles(first)).length, 2);
    assert.equal((await storedProfiles(second)).length, 2);
    assert.equal((await first.getSession("session-1"))?.profileCount, 2);
  },

  "the schema is made once when stores open together on the same data": async ({ newStore, reopen }) => {
    const stores = [newStore(), newStore({ driver: reopen() }), newStore({ driver: reopen() })];
    await Promise.all(stores.map((store) => store.open()));
    await Promise.all(stores.map((store, n) => store.addProfile(sampleInput(n))));
    const [first] = stores;
    assert.ok(first !== undefined);
    assert.equal((await storedProfiles(first)).length, 3);
    const db = await first.kysely<{ telepool_migrations: { name: string } }>();
    const steps = (await db.selectFrom("telepool_migrations").select("name").execute()).map(({ name }) => name);
    assert.ok(steps.length > 0);
    assert.equal(new Set(steps).size, steps.length, "no step of the schema ran twice");
  },

  "a connection that closes in a transaction leaves nothing of it": async ({ connect, newStore, reopen }) => {
    const { connection } = await connect();
    await connection.begin();
    await connection.writeProfiles([sampleProfile(1)]);
    await connection.close();
    assert.equal(await newStore({ driver: reopen() }).getProfile("profile-000001"), undefined);
  },

  "a closed store refuses every call": async ({ newStore }) => {
    const store = newStore();
    await store.addProfile(sampleInput(1));
    const db = await store.kysely();
    await store.close();
    await rejectsWith("POOL_CLOSED", () => store.open());
    await rejectsWith("POOL_CLOSED", () => store.insertProfile("s", {}, "m", "d"));
    await rejectsWith("POOL_CLOSED", () => store.addProfile(sampleInput(2)));
    await rejectsWith("POOL_CLOSED", () => store.insertProfiles([sampleInput(2)]));
    await rejectsWith("POOL_CLOSED", () => store.importProfiles([sampleInput(2)]));
    await rejectsWith("POOL_CLOSED", () => store.getProfile("profile-000001"));
    await rejectsWith("POOL_CLOSED", () => store.queryProfiles());
    await rejectsWith("POOL_CLOSED", () => store.profiles().next());
    await rejectsWith("POOL_CLOSED", () => store.querySessions("*"));
    await rejectsWith("POOL_CLOSED", () => store.getSession("session-1"));
    await rejectsWith("POOL_CLOSED", () => store.recordEvent("click"));
    await rejectsWith("POOL_CLOSED", () => store.queryEvents());
    await rejectsWith("POOL_CLOSED", () => store.aggregate({ metric: "latency" }));
    await rejectsWith("POOL_CLOSED", () => store.prune({ maxRows: 1 }));
    await rejectsWith("POOL_CLOSED", () => store.kysely());
    await rejectsWith("POOL_CLOSED", () => db.selectFrom("profiles").selectAll().execute());
    assert.equal((await store.health()).ok, false);
  },

  "a store can be closed again and again, opened or not": async ({ newStore }) => {
    const opened = newStore();
    await opened.open();
    await Promise.all([opened.close(), opened.close()]);
    await opened.close();
    const unopened = newStore();
    await unopened.close();
    await rejectsWith("POOL_CLOSED", () => unopened.getProfile("x"));
  },

  "the end of an `await using` closes the store": async ({ newStore }) => {
    const store = newStore();
    await store.open();
    await store[Symbol.asyncDispose]();
    await rejectsWith("POOL_CLOSED", () => store.getProfile("x"));
  },

  "a closed store has no connection left": async ({ newStore }) => {
    const store = newStore();
    await Promise.all([
      store.addProfile(sampleInput(1)),
      store.aggregate({ metric: "latency" }),
      store.getProfile("x"),
    ]);
    await store.close();
    const { poolSize, inUse, idle, creating, waiting, created, destroyed } = store.stats();
    assert.deepEqual(
      { poolSize, inUse, idle, creating, waiting },
      { poolSize: 0, inUse: 0, idle: 0, creating: 0, waiting: 0 },
    );
    assert.equal(destroyed, created);
  },
});

/** Faults of the server: connections terminated, stopped, killed, frozen, full, slow, and transactions in each other's way. */
import assert from "node:assert/strict";
import { type Kysely, sql } from "kysely";
import type { MaybePromise } from "../../async.ts";
import type { Driver } from "../../driver/driver.ts";
import { isTelepoolError } from "../../errors.ts";
import type { TelemetryTables } from "../../store/tables.ts";
import { expectTrueCounts, failureOf, rejectsWith, storedProfiles } from "../conformance/expectations.ts";
import { sampleInput, sampleInputs } from "../conformance/sample-rows.ts";
import type { FaultCases, FaultContext } from "./fault-context.ts";

const CALLERS = 500;
/** Longer than a server takes to come back. */
const PATIENT = { retryTimeoutMs: 60_000, pool: { max: 8, acquireTimeoutMs: 60_000 } };
/** Every limit so short that a frozen server outlasts it. */
const IMPATIENT = {
  driver: { connectTimeoutMs: 700, queryTimeoutMs: 700 },
  store: { retryTimeoutMs: 1200, pool: { max: 4, acquireTimeoutMs: 1000, validateTimeoutMs: 500 } },
};

export const serverFaults: FaultCases = {
  "all connections terminated, again and again, under 500 concurrent inserts": async (context) => {
    const { server } = context;
    const { witness } = await context.newWitness({ store: PATIENT });
    let terminated = 0;
    let isOver = false;
    const loading = witness.load(CALLERS, () => isOver);
    for (let round = 1; round <= 10; round++) {
      await witness.reach(round * 1000);
      terminated += await server.terminateConnections();
    }
    isOver = true;
    await loading;
    assert.ok(terminated >= 10, `${terminated} connections were terminated`);
    assert.deepEqual(witness.codes, [], "what was lost is written again");
    await witness.check(context.newStore());
  },

  "the server stopped and started again under load": async (context) => {
    await outlast(context, () => context.server.stop());
  },

  "the server killed and started again under load": async (context) => {
    await outlast(context, () => context.server.kill());
  },

  "a server that is away: calls are told so, and succeed when it is back": async (context) => {
    const { server } = context;
    const { store, witness } = await context.newWitness(IMPATIENT);
    await witness.write();
    await server.stop();
    await witness.write();
    const reading = await failureOf(() => store.queryProfiles());
    assert.ok(
      isTelepoolError(reading) && ["ACQUIRE_TIMEOUT", "CONNECTION_LOST"].includes(reading.code),
      String(reading),
    );
    assert.equal((await store.health()).ok, false);
    assert.equal(witness.acknowledged, 1);
    await server.start();
    await succeeds(() => store.queryProfiles());
    await witness.write();
    assert.equal(witness.acknowledged, 2);
    await witness.check(context.newStore());
  },

  "the server frozen for longer than every timeout": async (context) => {
    const { server } = context;
    const { store, witness } = await context.newWitness(IMPATIENT);
    let isOver = false;
    const loading = witness.load(100, () => isOver);
    await witness.reach(200);
    server.freeze();
    const reads = [store.queryProfiles(), store.getProfile("profile-000001"), store.aggregate({ metric: "latency" })];
    const outcomes = await Promise.allSettled(reads);
    isOver = true;
    await loading; // every promise settles though nothing answers
    server.thaw();
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
    const allowed = ["ACQUIRE_TIMEOUT", "COMMIT_OUTCOME_UNKNOWN", "CONNECTION_LOST", "CONNECT_FAILED"];
    assert.ok(witness.codes.length > 0 && witness.codes.every((code) => allowed.includes(code)), witness.codes.join());
    await succeeds(() => store.queryProfiles());
    const before = witness.acknowledged;
    await witness.write();
    assert.equal(witness.acknowledged, before + 1);
    await witness.check(context.newStore());
  },

  "a frozen server does not hold close beyond its deadline": async (context) => {
    const { server } = context;
    const store = context.newStore({ store: { pool: { max: 2 } } });
    await store.addProfile(sampleInput(1));
    server.freeze();
    const writing = store.addProfile(sampleInput(2)).catch((error: unknown) => error);
    await until(() => store.stats().inUse === 1);
    const closing = await failureOf(() => store.close({ timeoutMs: 200 }));
    assert.ok(isTelepoolError(closing, "CLOSE_TIMEOUT"), String(closing));
    assert.ok(isTelepoolError(await writing, "COMMIT_OUTCOME_UNKNOWN"));
    server.thaw();
  },

  "fewer connections than the pool may have: the store works with those that it gets": async (context) => {
    const { witness } = await context.newWitness({ store: { pool: { max: 20, acquireTimeoutMs: 30_000 } } });
    const store = context.newStore({ store: { pool: { max: 20, acquireTimeoutMs: 30_000 } } });
    let isOver = false;
    const loading = witness.load(CALLERS, () => isOver);
    const db = await store.kysely();
    // More than the server takes want a connection, and none is given back before one was refused.
    const holding = Array.from({ length: 15 }, () =>
      db.transaction().execute(async (trx) => {
        await trx.selectFrom("profiles").select("id").limit(1).execute();
        await until(() => store.stats().createFailures > 0);
      }),
    );
    await Promise.all(holding);
    await witness.reach(2000);
    isOver = true;
    await loading;
    const { createFailures, poolSize } = store.stats();
    assert.ok(createFailures > 0, "the server has refused connections");
    assert.ok(poolSize < 20 && poolSize > 0, `${poolSize} connections`);
    assert.deepEqual(witness.codes, []);
    await store.close();
    await witness.check(context.newStore({ store: { pool: { max: 1, acquireTimeoutMs: 30_000 } } }));
  },

  "a statement that takes too long is STATEMENT_TIMEOUT, and its connection is kept": async (context) => {
    const store = context.newStore({ driver: { statementTimeoutMs: 1000 }, store: { pool: { max: 1 } } });
    await store.addProfile(sampleInput(1));
    const db = await store.kysely();
    await rejectsWith("STATEMENT_TIMEOUT", () => sql.raw(context.target.slowStatement).execute(db));
    assert.deepEqual((await storedProfiles(store)).length, 1);
    assert.equal(store.stats().created, 1);
  },

  "a deadlock: one transaction gives way, and the batch is written once": async (context) => {
    const driver = context.target.createDriver(context.server.url);
    let deadlocks = 0;
    const counting: Driver = {
      ...driver,
      classify: (error) => {
        const known = driver.classify(error);
        if (known.retryable) deadlocks++;
        return known;
      },
    };
    const store = context.newStore({ store: { driver: counting } });
    await store.insertProfiles(["a", "b"].map((session, n) => sampleInput(n, { session })));
    const db = await store.kysely();
    const touch = (trx: Kysely<TelemetryTables>, session: string) =>
      trx.updateTable("sessions").set({ last_activity: 1 }).where("id", "=", session).execute();
    const probe = await driver.connect("write", new AbortController().signal);
    const lockOfA = db.selectFrom("sessions").select("id").where("id", "=", "a").forUpdate().noWait().compile();
    let writing: Promise<unknown> = Promise.resolve();
    const transaction = db.transaction().execute(async (trx) => {
      await touch(trx, "b");
      writing = store.insertProfiles(["a", "b"].map((session, n) => sampleInput(2 + n, { session })));
      await fails(() => probe.execute(lockOfA)); // now the batch has locked a, and waits for b
      await touch(trx, "a"); // and this waits for a: one of the two must give way
    });
    const failure = await transaction.then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(failure === undefined || isTelepoolError(failure, "DATABASE_BUSY"), String(failure));
    await writing;
    await probe.close();
    assert.ok(deadlocks > 0);
    assert.equal((await storedProfiles(store)).length, 4);
    await expectTrueCounts(store);
  },

  "batches of many writers with the same sessions and ids do not stop each other": async (context) => {
    const stores = Array.from({ length: 4 }, () => context.newStore({ store: { pool: { max: 4 } } }));
    await Promise.all(stores.map((store) => store.open()));
    const inputs = sampleInputs(600).map((input, n) => ({ ...input, session: `session-${n % 40}` }));
    const orders = [inputs, inputs.toReversed(), inputs, inputs.toReversed()];
    const reports = await Promise.all(stores.map((store, n) => store.insertProfiles(orders[n] ?? [])));
    assert.equal(
      reports.reduce((sum, { duplicates }) => sum + duplicates.length, 0),
      3 * 600,
    );
    const [store] = stores;
    assert.ok(store !== undefined);
    assert.equal((await storedProfiles(store)).length, 600);
    assert.equal((await store.getSession("session-0"))?.profileCount, 15);
  },
};

/** Expects that 500 callers notice nothing but a pause when the server ends, twice, and is started again. */
async function outlast(context: FaultContext, end: () => Promise<void>): Promise<void> {
  const { witness } = await context.newWitness({ store: PATIENT });
  let isOver = false;
  const loading = witness.load(CALLERS, () => isOver);
  for (const rows of [1000, 3000]) {
    await witness.reach(rows);
    await end();
    await context.server.start();
  }
  await witness.reach(5000);
  isOver = true;
  await loading;
  assert.deepEqual(witness.codes, []);
  await witness.check(context.newStore());
}

/** Does a thing again until it succeeds: a server that comes back takes a moment. */
async function succeeds(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
    }
  }
}

/** Does a thing again until it fails. */
async function fails(work: () => MaybePromise<unknown>): Promise<void> {
  try {
    for (;;) await work();
  } catch {
    return;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Changes that several processes make at once, on three databases: every one is noted, and none is lost. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeOn, mysqlServer, postgresServer } from "@telepool/test-servers";
import type { Transaction } from "kysely";
import { createPool } from "../src/create-pool.ts";
import { copyStore } from "../src/manager/copy-store.ts";
import type { ProfilesTable, TelemetryTables } from "../src/store/tables.ts";
import { type Change, openSyncSource, type SyncSource } from "../src/sync/index.ts";
import type { TelemetryPool } from "../src/telemetry-pool.ts";
import { noting, taken } from "../src/testing/conformance/noted-changes.ts";
import { sampleInputs } from "../src/testing/conformance/sample-rows.ts";

/** An empty database, and how it goes. */
interface Place extends AsyncDisposable {
  readonly url: string;
}

async function sqlitePlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "telepool-changes-"));
  return {
    url: `sqlite://${folder}/telepool.db`,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

const ALL = { maxRows: 100_000, maxBytes: Number.MAX_SAFE_INTEGER };

function profile(id: string): ProfilesTable {
  return { id, session: `session of ${id}`, profile: "{}", timestamp: 1, member: "member", document: "document" };
}

/** A transaction that has inserted a profile, and is open until it is told to end. */
interface HeldInsert {
  readonly trx: Transaction<TelemetryTables>;
  commit(): Promise<void>;
}

async function heldInsert(store: TelemetryPool, id: string): Promise<HeldInsert> {
  const db = await store.kysely();
  const end = Promise.withResolvers<void>();
  const inserted = Promise.withResolvers<Transaction<TelemetryTables>>();
  const transaction = db.transaction().execute(async (trx) => {
    await trx.insertInto("profiles").values(profile(id)).execute();
    inserted.resolve(trx);
    await end.promise;
  });
  const commit = async () => {
    end.resolve();
    await transaction;
  };
  return { trx: await inserted.promise, commit };
}

/** Takes what is noted, page by page, until `isOver` and nothing is left; gives all of it. */
async function drain({ changes, ledger }: SyncSource, isOver: () => boolean): Promise<Change[]> {
  const all: Change[] = [];
  for (;;) {
    const wasOver = isOver();
    const page = await changes.page({ maxRows: 500, maxBytes: Number.MAX_SAFE_INTEGER });
    const head = await ledger.begin("the copy of this test");
    const next = { sequence: head.sequence + 1, sha256: "an object", committedAt: 0 };
    expect(
      await ledger.advance(
        head,
        next,
        page.map(({ seq }) => seq),
      ),
    ).toBe(true);
    all.push(...page);
    if (wasOver && page.length === 0) return all;
  }
}

/** Declares what must hold for a database that `place` makes. */
function holdsFor(place: () => Promise<Place>): void {
  test("what three processes of fifty callers each store while a reader forgets what it has read is read, all of it", async () => {
    await using database = await place();
    await using store = createPool(database.url);
    const source = await noting(store);
    const script = join(import.meta.dir, "fixtures", "insert-many.ts");
    const count = 1500;
    let running = 3;
    const runs = ["a", "b", "c"].map(async (name) => {
      const command = [process.execPath, script, database.url, name, String(count)];
      const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
      const [code, output] = await Promise.all([child.exited, child.stdout.text()]);
      running--;
      return { code, output };
    });
    const found = await drain(source, () => running === 0);
    expect(await Promise.all(runs)).toEqual(runs.map(() => ({ code: 0, output: "" })));
    const read = new Set(found.map(({ table, id }) => `${table} ${id}`));
    const written = ["a", "b", "c"].flatMap((name) =>
      Array.from({ length: count }, (_, n) => `${name}-${String(n).padStart(6, "0")}`),
    );
    const missing = written.filter((id) => !read.has(`profiles ${id}`) || !read.has(`analytics ${id}`));
    expect(missing).toEqual([]);
    expect(found.filter(({ table }) => table === "profiles").length).toBe(3 * count);
    expect(read.size).toBe(6 * count + 20);
    expect(await source.changes.count()).toBe(0);
  });

  test("four processes that begin a copy at the same moment make one", async () => {
    await using database = await place();
    const stores = [1, 2, 3, 4].map(() => createPool(database.url));
    const heads = await Promise.all(
      stores.map(async (store, n) => {
        const { changes, ledger } = await openSyncSource(store);
        await changes.install();
        return await ledger.begin(`source-${n}`);
      }),
    );
    expect(new Set(heads.map(({ source }) => source)).size).toBe(1);
    const [first = createPool(database.url)] = stores;
    await first.insertProfiles(sampleInputs(3));
    expect(await (await openSyncSource(first)).changes.count()).toBe(4);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a copy into a store is noted there, also where it only changes a session", async () => {
    await using from = await sqlitePlace();
    await using to = await place();
    await using source = createPool(from.url);
    await using target = createPool(to.url);
    await source.insertProfiles(sampleInputs(30));
    await target.insertProfiles(sampleInputs(20, { member: "nolarose" }));
    const noted = await noting(target);
    await copyStore(source, target, { resume: true });
    const late = sampleInputs(30)
      .slice(20)
      .map(({ id }) => `profiles ${id}`);
    expect((await taken(noted)).filter((change) => !change.startsWith("sessions"))).toEqual(late);
    await (await source.kysely()).updateTable("sessions").set({ member: "another" }).execute();
    await copyStore(source, target, { resume: true });
    expect(await taken(noted)).toEqual(["sessions session-1"]);
  });

  test("installing waits for a transaction that has inserted, and a scan finds its row", async () => {
    await using database = await place();
    await using writing = createPool(database.url);
    await using copying = createPool(database.url);
    const source = await openSyncSource(copying);
    const held = await heldInsert(writing, "held");
    const order: string[] = [];
    const installing = source.changes.install().then(() => order.push("installed"));
    for (let n = 0; n < 200; n++)
      await held.trx
        .insertInto("profiles")
        .values(profile(`more-${n}`))
        .execute();
    order.push("ends");
    await held.commit();
    await installing;
    expect(order).toEqual(["ends", "installed"]);
    const scanned: string[] = [];
    for await (const { rows } of source.tables.rows("profiles")) scanned.push(...rows.map(({ id }) => id));
    expect(scanned.length).toBe(201);
    expect(scanned).toContain("held");
    expect(await source.changes.count()).toBe(0);
  });

  test("a process that finds everything installed waits for no transaction", async () => {
    await using database = await place();
    await using writing = createPool(database.url);
    await using copying = createPool(database.url);
    await using another = createPool(database.url);
    const source = await noting(copying);
    await another.open();
    const held = await heldInsert(writing, "held");
    await (await openSyncSource(another)).changes.install();
    await held.commit();
    expect(await taken(source)).toEqual(["profiles held"]);
  });
}

/** Where one writer does not exclude the others. */
function holdsForConcurrentWriters(place: () => Promise<Place>): void {
  test("a change that commits after later ones were read and forgotten is read then", async () => {
    await using database = await place();
    await using first = createPool(database.url);
    await using second = createPool(database.url);
    const source = await noting(second);
    const held = await heldInsert(first, "held");
    for (const size of [1, 3, 40, 700]) {
      const inputs = sampleInputs(size, { session: "session" }).map((input) => ({
        ...input,
        id: `${input.id}-${size}`,
      }));
      await second.insertProfiles(inputs);
      const expected = inputs.map(({ id }) => `profiles ${id}`);
      expect((await taken(source)).filter((change) => change !== "sessions session")).toEqual(expected);
    }
    expect(await source.changes.count()).toBe(0);
    await held.commit();
    const changes = await source.changes.page(ALL);
    expect(changes.map(({ table, id }) => [table, id])).toEqual([["profiles", "held"]]);
    expect(changes.map((change) => change.table === "profiles" && change.row?.id)).toEqual(["held"]);
  });
}

describe("SQLite", () => {
  holdsFor(sqlitePlace);

  test("changes are read beside the one writer, not by it", async () => {
    await using database = await sqlitePlace();
    await using store = createPool(database.url);
    const source = await noting(store);
    await store.insertProfiles(sampleInputs(2));
    const held = await heldInsert(store, "held");
    expect((await source.changes.page(ALL)).map(({ id }) => id)).toEqual([
      "profile-000000",
      "profile-000001",
      "session-1",
    ]);
    await held.commit();
  });

  test("while another process is writing, changes are read as they were, and its own come when it commits", async () => {
    await using database = await sqlitePlace();
    await using first = createPool(database.url);
    await using second = createPool(database.url);
    const source = await noting(second);
    await second.insertProfiles(sampleInputs(2));
    const held = await heldInsert(first, "held");
    const changes = await source.changes.page(ALL);
    expect(changes.map(({ id }) => id)).toEqual(["profile-000000", "profile-000001", "session-1"]);
    const forgetting = taken(source); // waits for the writer
    await held.commit();
    const seen = await forgetting;
    const rest = [...seen, ...(await taken(source))];
    expect(rest.toSorted()).toEqual([
      "profiles held",
      "profiles profile-000000",
      "profiles profile-000001",
      "sessions session-1",
    ]);
  });
});

describeOn("postgresql", { describe, test }, "PostgreSQL", () => {
  const postgres = async () => (await postgresServer()).createDatabase();
  holdsFor(postgres);
  holdsForConcurrentWriters(postgres);
});

describeOn("mysql", { describe, test }, "MySQL", () => {
  const mysql = async () => (await mysqlServer()).createDatabase();
  holdsFor(mysql);
  holdsForConcurrentWriters(mysql);
});

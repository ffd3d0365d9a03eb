import { describe, expect, test } from "bun:test";
import { refusal } from "../test/refusal.ts";
import { createPool, DatabasePoolFactory } from "./create-pool.ts";
import type { StoreOptions } from "./store-options.ts";
import { TelemetryPool } from "./telemetry-pool.ts";

describe("createPool", () => {
  test.each([
    ...["sqlite", "sqlite://./never-opened.db", "SQLITE:///tmp/never-opened.db", "file:never-opened.db"],
    ...["postgresql", "postgres://user@nowhere.invalid/db", "postgresql://nowhere.invalid", "mysql"],
    ...["mysql://user@nowhere.invalid/db", "mariadb://nowhere.invalid/db"],
  ])("%s makes a store and opens nothing", async (kindOrUrl) => {
    const store = createPool(kindOrUrl);
    expect(store).toBeInstanceOf(TelemetryPool);
    await store.close();
  });

  test("options of the store and of the driver find their places", async () => {
    const store = createPool("sqlite", { path: ":memory:", pool: { max: 3 } });
    expect(store.stats().maxPoolSize).toBe(3);
    expect(await store.health()).toMatchObject({ ok: true, location: ":memory:" });
    await store.close();
  });

  test.each(["oracle", "", "constructor", "__proto__", "SQLite"])(
    "the kind %p is refused, with those that exist",
    (kind) => {
      const error = refusal(() => createPool(kind));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: "kind" });
      expect(error.message).toContain("sqlite");
    },
  );

  test.each(["oracle://user:hunter2@host/db", "://hunter2", ":hunter2", "1sqlite://hunter2"])(
    "a URL of no known kind is refused, and not repeated",
    (url) => {
      const error = refusal(() => createPool(url));
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT", field: "url" });
      expect(error.message).not.toContain("hunter2");
    },
  );

  test.each(["sqlite://?hunter2=1", "sqlite:", "sqlite://%zz-hunter2"])(
    "what is wrong inside of %p is told by the first call, and not repeated",
    async (url) => {
      const store = createPool(url);
      const error = await store.open().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "INVALID_OPTION" });
      expect(String(error)).not.toContain("hunter2=1");
      expect(String(error)).not.toContain("zz-hunter2");
      await store.close();
    },
  );

  test("beside a URL there are only options of the store", () => {
    const options = { path: "x.db" } as StoreOptions; // not one of them
    expect(refusal(() => createPool("sqlite://x.db", options))).toMatchObject({
      code: "INVALID_OPTION",
      field: "options.path",
    });
  });

  test("the size of the pool may go by the name that the kind's library uses", async () => {
    const sizes: number[] = [];
    for (const store of [
      createPool("postgresql", { host: "nowhere.invalid", max: 7, min: 1 }),
      createPool("mysql", { host: "nowhere.invalid", database: "d", connectionLimit: 8 }),
      DatabasePoolFactory.createPool("mysql", { database: "d", pool: { max: 9 } }),
    ]) {
      sizes.push(store.stats().maxPoolSize);
      await store.close();
    }
    expect(sizes).toEqual([7, 8, 9]);
    expect(refusal(() => createPool("postgresql", { max: 7, pool: { max: 7 } }))).toMatchObject({
      code: "INVALID_OPTION",
      field: "options.max",
    });
    expect(refusal(() => createPool("postgresql", { min: 9, max: 7 })).field).toBe("options.pool.min");
    expect(refusal(() => createPool("sqlite", { max: 7 } as StoreOptions)).field).toBe("options.max");
  });

  test("a misspelt option is refused at once, with the nearest of the driver's and the store's", () => {
    const misspelt = (name: string) => refusal(() => createPool("sqlite", { [name]: 1 } as StoreOptions)); // not options
    expect(misspelt("retryTimeoutMS").message).toContain("did you mean retryTimeoutMs?");
    expect(misspelt("readonly").message).toContain("did you mean readOnly?");
    expect(misspelt("readonly")).toMatchObject({ code: "INVALID_OPTION", field: "options.readonly" });
  });

  test("a wrong option of the store is refused at once", () => {
    expect(refusal(() => createPool("sqlite", { pool: { max: 0 } })).field).toBe("options.pool.max");
  });
});

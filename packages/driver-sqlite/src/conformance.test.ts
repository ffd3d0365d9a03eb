/** SQLite keeps the promises of a driver, in a file and in memory; and the suite notices a driver that does not. */
import { describe, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConformanceTarget, describeConformance, describeSabotages } from "@telepool/core/testing";
import { sqliteDriver } from "./sqlite-driver.ts";

const inFile: ConformanceTarget = {
  name: "SQLite in a file",
  createDriver: async () => {
    const folder = mkdtempSync(join(tmpdir(), "telepool-conformance-"));
    const open = () => sqliteDriver({ path: join(folder, "store.db"), synchronous: "off" });
    return { driver: open(), reopen: open, dispose: async () => rmSync(folder, { recursive: true, force: true }) };
  },
};

const ENDS_WITH_ITS_CONNECTION = "a database in memory ends with its connection";
const ONE_CONNECTION = "a database in memory has one connection";

const inMemory: ConformanceTarget = {
  name: "SQLite in memory",
  createDriver: async () => ({ driver: sqliteDriver({ path: ":memory:" }), dispose: async () => {} }),
  exceptions: {
    "what was stored is there when a store is opened again": ENDS_WITH_ITS_CONNECTION,
    "two stores on the same data see each other's rows": ENDS_WITH_ITS_CONNECTION,
    "the schema is made once when stores open together on the same data": ENDS_WITH_ITS_CONNECTION,
    "a connection that closes in a transaction leaves nothing of it": ENDS_WITH_ITS_CONNECTION,
    "close writes what is queued": ENDS_WITH_ITS_CONNECTION,
    "profile_count is true when two stores write to the same sessions": ENDS_WITH_ITS_CONNECTION,
    "nobody sees what is not committed": ONE_CONNECTION,
    "a read goes beside an open transaction": ONE_CONNECTION,
  },
};

describeConformance(inFile, { describe, test });
describeConformance(inMemory, { describe, test });

describeSabotages(inMemory, { describe, test });

/** SQLite keeps the promises of a driver, in a file and in memory; and the suite notices a driver that does not. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver } from "@telepool/core";
import {
  type ConformanceCase,
  type ConformanceTarget,
  conformanceCases,
  describeConformance,
  overrideConnection,
  runConformanceCase,
  sabotages,
  wrapConnections,
} from "@telepool/core/testing";
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

describe("a driver that breaks a promise fails the suite", () => {
  const cases = new Map(conformanceCases().map((member) => [member.name, member]));

  /** SQLite in memory, with its driver wrapped. */
  function wrapped(name: string, wrap: (driver: Driver) => Driver): ConformanceTarget {
    const createDriver = async () => {
      const database = await inMemory.createDriver();
      return { ...database, driver: wrap(database.driver) };
    };
    return { name, createDriver };
  }

  function caseNamed(name: string): ConformanceCase {
    return cases.get(name) ?? expect.unreachable(`there is no case "${name}"`);
  }

  for (const { name, breaks, sabotage } of sabotages) {
    for (const broken of breaks) {
      test(`it ${name}: "${broken}"`, async () => {
        const running = runConformanceCase(caseNamed(broken), wrapped(name, sabotage));
        expect(await running.catch((error: unknown) => error)).toBeInstanceOf(Error);
      });
    }
  }

  test("and one that is only wrapped does not", async () => {
    const harmless = wrapped("wrapped", (driver) =>
      wrapConnections(driver, (connection) => overrideConnection(connection, {})),
    );
    for (const broken of new Set(sabotages.flatMap(({ breaks }) => breaks))) {
      await runConformanceCase(caseNamed(broken), harmless);
    }
  });
});

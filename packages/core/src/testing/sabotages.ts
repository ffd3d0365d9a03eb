/**
 * Drivers that break one promise each, made by wrapping any real one, with the cases that must notice. They prove that
 * the conformance suite looks.
 */
import { DummyDriver, Kysely, sql } from "kysely";
import type { Driver, DriverConnection, ErrorClass, ProfileRow } from "../driver/driver.ts";
import type { ChangeCapture } from "../driver/sql-dialect.ts";
import type { TelemetryTables } from "../store/tables.ts";
import { overrideConnection, wrapConnections } from "./wrap-driver.ts";

/** One broken promise. */
export interface Sabotage {
  /** What the driver does wrong: `drops the last row of a batch`. */
  readonly name: string;
  /** The names of the cases that fail with it. */
  readonly breaks: readonly string[];
  readonly sabotage: (driver: Driver) => Driver;
}

type Fault = (connection: DriverConnection, driver: Driver) => Partial<DriverConnection>;

function connectionFault(name: string, breaks: readonly string[], fault: Fault): Sabotage {
  const sabotage = (driver: Driver) =>
    wrapConnections(driver, (connection) => overrideConnection(connection, fault(connection, driver)));
  return { name, breaks, sabotage };
}

function classFault(
  name: string,
  breaks: readonly string[],
  fault: (known: ErrorClass, error: unknown) => ErrorClass,
): Sabotage {
  return {
    name,
    breaks,
    sabotage: (driver) => ({ ...driver, classify: (error) => fault(driver.classify(error), error) }),
  };
}

/** Changes every row on its way in. */
function rowFault(name: string, breaks: readonly string[], change: (row: ProfileRow) => ProfileRow): Sabotage {
  return connectionFault(name, breaks, (connection) => ({
    writeProfiles: (rows) => connection.writeProfiles(rows.map(change)),
  }));
}

/** Changes every id and name on its way in, and every id that is asked for. */
function nameFault(name: string, breaks: readonly string[], change: (text: string) => string): Sabotage {
  return connectionFault(name, breaks, (connection) => ({
    writeProfiles: (rows) =>
      connection.writeProfiles(rows.map((row) => ({ ...row, id: change(row.id), session: change(row.session) }))),
    readProfiles: (ids) => connection.readProfiles(ids.map(change)),
  }));
}

/** A query builder that only compiles, for SQL of the driver's own kind. */
function compilerFor({ dialect }: Driver): Kysely<TelemetryTables> {
  return new Kysely({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createIntrospector: (db) => dialect.createIntrospector(db),
      createDriver: () => new DummyDriver(),
    },
  });
}

/** Every number of a JSON value, with half of its digits. */
function rounded(value: unknown): unknown {
  if (typeof value === "number") return Math.fround(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rounded(member)]));
}

/** Notes changes in another way. */
function captureFault(
  name: string,
  breaks: readonly string[],
  fault: (capture: ChangeCapture) => Partial<ChangeCapture>,
): Sabotage {
  const sabotage = (driver: Driver): Driver => {
    const { changeCapture } = driver.dialect;
    if (changeCapture === undefined) return driver;
    return {
      ...driver,
      dialect: { ...driver.dialect, changeCapture: { ...changeCapture, ...fault(changeCapture) } },
    };
  };
  return { name, breaks, sabotage };
}

export const sabotages: readonly Sabotage[] = [
  connectionFault(
    "drops the last row of a batch",
    ["a thousand inserts at once become few batches, and all are stored"],
    (connection) => ({
      writeProfiles: (rows) => connection.writeProfiles(rows.length > 1 ? rows.slice(0, -1) : rows),
    }),
  ),
  connectionFault(
    "keeps half of a batch that fails",
    ["of a batch with a refused row nothing is stored"],
    (connection) => ({
      writeProfiles: async (rows) => {
        try {
          return await connection.writeProfiles(rows);
        } catch (error) {
          await connection.writeProfiles(rows.slice(0, rows.length >> 1));
          throw error;
        }
      },
    }),
  ),
  connectionFault("swallows rows that the database refuses", ["bad rows are rejected alone"], (connection) => ({
    writeProfiles: async (rows) => {
      try {
        return await connection.writeProfiles(rows);
      } catch {
        return { duplicates: [] };
      }
    },
  })),
  connectionFault("commits when it should roll back", ["what is rolled back is not"], (connection) => ({
    rollback: () => connection.commit(),
  })),
  connectionFault("rolls back when it should commit", ["what is committed is stored"], (connection) => ({
    commit: () => connection.rollback(),
  })),
  connectionFault("resets without rolling back", ["reset rolls back what is open"], () => ({
    reset: () => undefined,
  })),
  connectionFault(
    "writes a batch outside of the open transaction",
    ["what is rolled back is not", "insertProfiles stores all rows or none, also of more than fit into one statement"],
    (connection) => {
      let open = false;
      return {
        begin: async () => {
          open = true;
          await connection.begin();
        },
        writeProfiles: async (rows) => {
          if (open) await connection.commit();
          const report = await connection.writeProfiles(rows);
          if (open) await connection.begin();
          return report;
        },
        commit: async () => {
          open = false;
          await connection.commit();
        },
        rollback: async () => {
          open = false;
          await connection.rollback();
        },
        reset: async () => {
          open = false;
          await connection.reset();
        },
      };
    },
  ),
  nameFault("folds the case of ids and sessions", ["names that look alike are different names"], (text) =>
    text.toLowerCase(),
  ),
  nameFault("cuts off trailing blanks", ["names that look alike are different names"], (text) => text.trimEnd()),
  nameFault("composes characters", ["names that look alike are different names"], (text) => text.normalize("NFC")),
  rowFault("keeps 32 bits of a time", ["times are exact, from 0 to the largest safe integer"], (row) => ({
    ...row,
    timestamp: row.timestamp % 2 ** 32,
  })),
  rowFault("keeps half of the digits of a number", ["numbers in a document are exact"], (row) => ({
    ...row,
    profile: JSON.stringify(rounded(JSON.parse(row.profile))),
  })),
  rowFault("cuts long documents", ["a document of 1 MiB is kept"], (row) => ({
    ...row,
    profile: row.profile.length > 65_535 ? "{}" : row.profile,
  })),
  connectionFault(
    "reports no duplicates",
    ["a row whose id is stored before changes nothing, and its caller is told"],
    (connection) => ({
      writeProfiles: async (rows) => {
        await connection.writeProfiles(rows);
        return { duplicates: [] };
      },
    }),
  ),
  connectionFault(
    "reports no duplicates of events",
    [
      "addEvent says whether the event was there before, and stores it once",
      "insertEvents names the events that were there before, or earlier in the same call",
      "a listener hears of each new row once, by whichever way it comes",
    ],
    (connection) => ({
      writeEvents: async (rows) => {
        await connection.writeEvents(rows);
        return { duplicates: [] };
      },
    }),
  ),
  connectionFault(
    "overwrites a row whose id is stored before",
    ["a row whose id is stored before changes nothing, and its caller is told"],
    (connection, driver) => ({
      writeProfiles: async (rows) => {
        const report = await connection.writeProfiles(rows);
        for (const { id, member } of report.duplicates.flatMap((position) => rows[position] ?? [])) {
          await connection.execute(
            compilerFor(driver).updateTable("profiles").set({ member }).where("id", "=", id).compile(),
          );
        }
        return report;
      },
    }),
  ),
  connectionFault(
    "counts duplicates",
    ["profile_count is true under concurrent writers, duplicates and pruning"],
    (connection, driver) => ({
      writeProfiles: async (rows) => {
        const report = await connection.writeProfiles(rows);
        for (const { session } of report.duplicates.flatMap((position) => rows[position] ?? [])) {
          const count = compilerFor(driver).updateTable("sessions").set({ profile_count: sql`profile_count + 1` });
          await connection.execute(count.where("id", "=", session).compile());
        }
        return report;
      },
    }),
  ),
  connectionFault(
    "gives lookups in an order of its own",
    ["a thousand lookups at once are each answered with their own row"],
    (connection) => ({
      readProfiles: async (ids) => [...(await connection.readProfiles(ids))].reverse(),
    }),
  ),
  connectionFault(
    "leaves out what it did not find",
    ["a thousand lookups at once are each answered with their own row"],
    (connection) => ({
      readProfiles: async (ids) => (await connection.readProfiles(ids)).filter((row) => row !== undefined),
    }),
  ),
  connectionFault(
    "takes a refused row for a lost connection",
    ["a connection stays usable after it refused a row"],
    (connection) => {
      let broken = false;
      return {
        writeProfiles: async (rows) => {
          try {
            return await connection.writeProfiles(rows);
          } catch (error) {
            broken = true;
            throw error;
          }
        },
        isBroken: () => broken,
      };
    },
  ),
  connectionFault("works on after it was closed", ["a closed connection refuses work"], () => ({
    close: () => undefined,
  })),
  classFault(
    "calls every error worth another try",
    ["a row that a constraint refuses is CONSTRAINT_VIOLATED, and not worth another try"],
    (known) => ({
      ...known,
      retryable: true,
    }),
  ),
  classFault(
    "calls every error the same",
    ["a row that a constraint refuses is CONSTRAINT_VIOLATED, and not worth another try"],
    (known) => ({
      ...known,
      code: "STATEMENT_FAILED",
    }),
  ),
  captureFault(
    "notes no changes",
    [
      "a profile is noted once, whichever way it comes, and so is a session that is new",
      "an event is noted once, whichever way it comes",
      "a deletion notes the row, and the session of a profile",
    ],
    ({ install, remove }) => ({ install: [...install, ...remove] }),
  ),
  captureFault(
    "goes on noting changes",
    ["when changes are noted no more, rows are stored as before, until they are noted again"],
    () => ({ remove: [] }),
  ),
  captureFault("forgets all changes", ["exactly those changes are forgotten that are named"], () => ({
    forget: () => sql`delete from telepool_changes`,
  })),
  captureFault("forgets no changes", ["exactly those changes are forgotten that are named"], ({ forget }) => ({
    forget: () => forget([]),
  })),
  connectionFault(
    "notes rows that are there already",
    ["a row that is there already is not noted, and its caller is told as ever"],
    (connection) => ({
      writeProfiles: async (rows) => {
        const report = await connection.writeProfiles(rows);
        for (const _ of report.duplicates) {
          const note = "insert into telepool_changes (kind, id) values (1, 'profile-000001')";
          await connection.execute({ sql: note, parameters: [] });
        }
        return report;
      },
    }),
  ),
  {
    name: "tells the row in its messages",
    breaks: ["an error says nothing of what the row holds"],
    sabotage: (driver) => {
      let last: readonly unknown[] = [];
      const telling = wrapConnections(driver, (connection) =>
        overrideConnection(connection, {
          writeProfiles: (rows) => {
            last = rows;
            return connection.writeProfiles(rows);
          },
        }),
      );
      const classify = (error: unknown): ErrorClass => {
        const known = driver.classify(error);
        return { ...known, message: `${known.message}: ${JSON.stringify(last)}` };
      };
      return { ...telling, classify };
    },
  },
  {
    name: "throws at an error that it does not know",
    breaks: ["anything can be classified"],
    sabotage: (driver) => ({
      ...driver,
      classify: (error) => {
        if (!(error instanceof Error)) throw new Error("this is no error");
        return driver.classify(error);
      },
    }),
  },
];

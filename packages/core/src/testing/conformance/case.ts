/** What a conformance case is, what it is given, and how one is run. */
import type { ConnectionRole, Driver } from "../../driver/driver.ts";
import type { TelemetryPool, TelemetryPoolOptions } from "../../telemetry-pool.ts";
import { type OpenConnection, OpenResources } from "./open-resources.ts";

/** A database made for one case. */
export interface ConformanceDatabase {
  readonly driver: Driver;
  /** A further driver on the same data; left out where the data ends with its connections. */
  readonly reopen?: (() => Driver) | undefined;
  /** Removes the database. Everything that the case opened is closed by then. */
  dispose(): Promise<void>;
}

/** The driver that is to be certified. */
export interface ConformanceTarget {
  /** What stands in the report: `sqlite, in a file`. */
  readonly name: string;
  /** A driver on a new, empty database. */
  createDriver(): Promise<ConformanceDatabase>;
  /** The cases that cannot hold for this database, by name, each with the reason. One that holds after all is an error. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** What a case works with; all that it opens here is closed after it. */
export interface ConformanceContext {
  /** The driver of this case, on a database that is empty at its start. */
  readonly driver: Driver;
  /** A further driver on the same data. */
  reopen(): Driver;
  /** A store over this case's driver, unless the options name another. It is not opened yet. */
  newStore(options?: TelemetryPoolOptions): TelemetryPool;
  /** A connection of this case's driver, on a database that has telepool's tables. */
  connect(role?: ConnectionRole, driver?: Driver): Promise<OpenConnection>;
}

/** One promise of a driver, and of the store over it. */
export interface ConformanceCase {
  readonly group: string;
  /** A sentence, unique in the suite. */
  readonly name: string;
  run(context: ConformanceContext): Promise<void>;
}

/** Makes the cases of a group from their sentences. */
export function casesOf(
  group: string,
  runs: Readonly<Record<string, (context: ConformanceContext) => Promise<void>>>,
): readonly ConformanceCase[] {
  return Object.entries(runs).map(([name, run]) => ({ group, name, run }));
}

/** Runs one case on a database of its own; rejects when the promise does not hold. */
export async function runConformanceCase(conformanceCase: ConformanceCase, target: ConformanceTarget): Promise<void> {
  const database = await target.createDriver();
  const resources = new OpenResources();
  try {
    await conformanceCase.run({
      driver: database.driver,
      reopen: () => {
        if (database.reopen === undefined) throw new Error(`${target.name} offers no second driver on the same data`);
        return database.reopen();
      },
      newStore: (options) => resources.newStore({ driver: database.driver, pool: { max: 4 }, ...options }),
      connect: (role = "write", driver = database.driver) => resources.connect(driver, role),
    });
  } finally {
    await resources.close();
    await database.dispose();
  }
}

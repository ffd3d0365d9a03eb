/** The stores and connections that a case has opened, so that they are closed however it ends. */
import type { Kysely } from "kysely";
import { systemClock } from "../../clock.ts";
import { Connections } from "../../driver/connections.ts";
import type { ConnectionRole, Driver, DriverConnection } from "../../driver/driver.ts";
import { kyselyOver } from "../../sql/pooled-dialect.ts";
import { migrate } from "../../store/migrate.ts";
import type { TelemetryTables } from "../../store/tables.ts";
import { TelemetryPool, type TelemetryPoolOptions } from "../../telemetry-pool.ts";
import { overrideConnection } from "../wrap-driver.ts";

/** A connection of the driver, and Kysely on just this connection. */
export interface OpenConnection {
  readonly connection: DriverConnection;
  readonly db: Kysely<TelemetryTables>;
}

const CLOSE_TIMEOUT_MS = 2000;

/** Opens, remembers and closes. */
export class OpenResources {
  readonly #stores: TelemetryPool[] = [];
  readonly #connections: { connection: DriverConnection; pools: Connections }[] = [];

  newStore(options: TelemetryPoolOptions): TelemetryPool {
    const store = new TelemetryPool(options);
    this.#stores.push(store);
    return store;
  }

  async connect(driver: Driver, role: ConnectionRole): Promise<OpenConnection> {
    const connection = await driver.connect(role, new AbortController().signal);
    const kept = overrideConnection(connection, { reset: () => undefined, close: () => undefined });
    const alone: Driver = {
      ...driver,
      capabilities: {
        ...driver.capabilities,
        connections: "shared",
        maxConnections: 1,
        inProcess: false,
        prewarm: false,
      },
      connect: () => kept,
    };
    const pools = new Connections(alone, { min: 0, max: 1 }, CLOSE_TIMEOUT_MS, systemClock);
    this.#connections.push({ connection, pools });
    const db = kyselyOver<TelemetryTables>(driver.dialect, pools, "write");
    if (role === "write") await migrate(kyselyOver<unknown>(driver.dialect, pools, "write"), driver.dialect);
    return { connection, db };
  }

  /** Closes everything; what fails to close has failed its case already, or is closed by the database's own end. */
  async close(): Promise<void> {
    const stores = this.#stores.map((store) => store.close({ timeoutMs: CLOSE_TIMEOUT_MS }));
    const connections = this.#connections.map(async ({ connection, pools }) => {
      await pools.close(CLOSE_TIMEOUT_MS);
      await connection.close();
    });
    await Promise.allSettled([...stores, ...connections]);
  }
}

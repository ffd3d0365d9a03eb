import {
  type PostgresDriverOptions,
  type PostgresPoolSize,
  type StoreOptions,
  splitConfig,
  TelemetryPool,
} from "@telepool/core";
import { pgDriver } from "./pg-driver.ts";

/** Options of the driver, of the store, and the pool's size as `max` and `min`. */
export type PostgreSQLPoolOptions = PostgresDriverOptions & PostgresPoolSize & StoreOptions;

/** A store in PostgreSQL: `createPool("postgresql", options)` as a class, under the name of the original brief. */
export class PostgreSQLPool extends TelemetryPool {
  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: PostgreSQLPoolOptions = {}) {
    const { store, driver } = splitConfig("postgresql", options);
    super({ ...store, driver: pgDriver(driver) });
  }
}

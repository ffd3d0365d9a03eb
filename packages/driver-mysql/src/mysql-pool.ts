import {
  type MysqlDriverOptions,
  type MysqlPoolSize,
  type StoreOptions,
  splitConfig,
  TelemetryPool,
} from "@telepool/core";
import { mysqlDriver } from "./mysql-driver.ts";

/** Options of the driver, of the store, and the pool's size as `connectionLimit`. */
export type MySQLPoolOptions = MysqlDriverOptions & MysqlPoolSize & StoreOptions;

/** A store in MySQL or MariaDB: `createPool("mysql", options)` as a class, under the name of the original brief. */
export class MySQLPool extends TelemetryPool {
  /** @throws TelepoolError `INVALID_OPTION` */
  constructor(options: MySQLPoolOptions) {
    const { store, driver } = splitConfig("mysql", options);
    super({ ...store, driver: mysqlDriver(driver) });
  }
}

/** The MySQL and MariaDB driver of telepool. */
export type { MysqlDriverOptions } from "@telepool/core";
export { mysqlDriver } from "./mysql-driver.ts";
export { MySQLPool, type MySQLPoolOptions } from "./mysql-pool.ts";

/** The PostgreSQL driver of telepool. */
export type { PostgresDriverOptions } from "@telepool/core";
export { pgDriver } from "./pg-driver.ts";
export { PostgreSQLPool, type PostgreSQLPoolOptions } from "./postgresql-pool.ts";

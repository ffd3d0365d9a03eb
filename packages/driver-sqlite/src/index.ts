/** The embedded SQLite driver of telepool. */
export type { SqliteDriverOptions } from "@telepool/core";
export { sqliteDriver } from "./sqlite-driver.ts";

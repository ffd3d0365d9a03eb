/** PostgreSQL keeps the promises of a driver; and the suite notices a driver that does not. */
import { describe, test } from "bun:test";
import { type ConformanceTarget, describeConformance, describeSabotages } from "@telepool/core/testing";
import { describeOn, postgresServer } from "@telepool/test-servers";
import { pgDriver } from "./pg-driver.ts";

const onServer: ConformanceTarget = {
  name: "PostgreSQL",
  createDriver: async () => {
    const database = await (await postgresServer()).createDatabase();
    const open = () => pgDriver({ url: database.url });
    return { driver: open(), reopen: open, dispose: () => database.drop() };
  },
};

/** The way that goes through PgBouncer in transaction mode. */
const unprepared: ConformanceTarget = {
  name: "PostgreSQL without named statements",
  createDriver: async () => {
    const database = await (await postgresServer()).createDatabase();
    const open = () => pgDriver({ url: database.url, preparedStatements: false });
    return { driver: open(), reopen: open, dispose: () => database.drop() };
  },
};

describeOn("postgresql", { describe, test }, "PostgreSQL", () => {
  describeConformance(onServer, { describe, test });
  describeConformance(unprepared, { describe, test });
  describeSabotages(onServer, { describe, test });
});

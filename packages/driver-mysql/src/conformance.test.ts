/** MySQL and MariaDB keep the promises of a driver; and the suite notices a driver that does not. */
import { describe, test } from "bun:test";
import { type ConformanceTarget, describeConformance, describeSabotages } from "@telepool/core/testing";
import { describeOn, mysqlServer } from "@telepool/test-servers";
import { mysqlDriver } from "./mysql-driver.ts";

const onServer: ConformanceTarget = {
  name: "MySQL",
  createDriver: async () => {
    const database = await (await mysqlServer()).createDatabase();
    const open = () => mysqlDriver({ url: database.url });
    return { driver: open(), reopen: open, dispose: () => database.drop() };
  },
};

describeOn("mysql", { describe, test }, "MySQL", () => {
  describeConformance(onServer, { describe, test });
  describeSabotages(onServer, { describe, test });
});

/** The conformance suite under node:test; node.test.ts bundles this file and has Node run it. */
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { describeConformance } from "@telepool/core/testing";
import { mysqlDriver } from "../src/mysql-driver.ts";
import { query } from "./query.ts";

const server = process.env.TELEPOOL_NODE_TEST_URL ?? "";

describeConformance(
  {
    name: "MySQL under Node",
    createDriver: async () => {
      const name = `telepool_test_${randomUUID().replaceAll("-", "")}`;
      await query(server, `create database ${name}`);
      const url = new URL(server);
      url.pathname = `/${name}`;
      const open = () => mysqlDriver({ url: url.href });
      return {
        driver: open(),
        reopen: open,
        dispose: async () => void (await query(server, `drop database ${name}`)),
      };
    },
  },
  { describe, test },
);

/** MySQL or MariaDB fails in every way, and the store survives. */
import { describe, test } from "bun:test";
import { describeFaults, type FaultServer, type FaultTarget } from "@telepool/core/testing";
import { describeOn, startMysql, TcpProxy } from "@telepool/test-servers";
import { mysqlDriver } from "../src/mysql-driver.ts";
import { query } from "./query.ts";

async function startServer({ maxConnections }: { readonly maxConnections?: number } = {}): Promise<FaultServer> {
  const server = await startMysql(maxConnections ? { settings: { max_connections: maxConnections } } : {});
  const { url } = await server.createDatabase();
  return {
    url,
    stop: () => server.stop(),
    kill: () => server.kill(),
    start: () => server.start(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    terminateConnections: async () => {
      const others = "from information_schema.processlist where db = database() and id <> connection_id()";
      const connections = await query(url, `select id ${others}`);
      // One that has ended meanwhile is no matter.
      for (const { id } of connections) await query(url, `kill ${id}`).catch(() => undefined);
      return connections.length;
    },
    proxy: async () => {
      const proxy = await TcpProxy.start(server);
      return Object.assign(proxy, { url: proxy.through(url) });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const target: FaultTarget = {
  name: "MySQL",
  startServer,
  createDriver: (url, options) => mysqlDriver({ url, ...options }),
  commitPattern: "commit",
  slowStatement: "select sleep(5)",
};

describeOn("mysql", { describe, test }, "MySQL", () => describeFaults(target, { describe, test }), "throwaway server");

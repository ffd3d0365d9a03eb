/** PostgreSQL fails in every way, and the store survives. */
import { describe, test } from "bun:test";
import { describeFaults, type FaultServer, type FaultTarget } from "@telepool/core/testing";
import { describeOn, startPostgres, TcpProxy } from "@telepool/test-servers";
import { pgDriver } from "../src/pg-driver.ts";
import { query } from "./query.ts";

async function startServer({ maxConnections }: { readonly maxConnections?: number } = {}): Promise<FaultServer> {
  const settings = maxConnections && { max_connections: maxConnections, superuser_reserved_connections: 0 };
  const server = await startPostgres(settings ? { settings } : {});
  const { url } = await server.createDatabase();
  return {
    url,
    stop: () => server.stop(),
    kill: () => server.kill(),
    start: () => server.start(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    terminateConnections: async () => {
      const others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
      return (await query(url, `select pg_terminate_backend(pid) ${others}`)).length;
    },
    proxy: async () => {
      const proxy = await TcpProxy.start(server);
      return Object.assign(proxy, { url: proxy.through(url) });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const target: FaultTarget = {
  name: "PostgreSQL",
  startServer,
  createDriver: (url, options) => pgDriver({ url, ...options }),
  commitPattern: "telepool_write", // a batch is one statement, which commits by itself
  slowStatement: "select pg_sleep(5)",
};

describeOn(
  "postgresql",
  { describe, test },
  "PostgreSQL",
  () => describeFaults(target, { describe, test }),
  "throwaway server",
);

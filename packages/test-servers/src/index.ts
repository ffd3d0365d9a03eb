/** Real servers for tests, and proxies that break connections. Private: for test files and the bench. */
export { type Certificates, makeCertificates } from "./certificates.ts";
export { type BunTest, describeOn } from "./describe-on.ts";
export type { DatabaseKind } from "./env.ts";
export { type PgBouncer, pgBouncerUnavailable, startPgBouncer } from "./pgbouncer.ts";
export { type ProxyTarget, TcpProxy } from "./proxy/tcp-proxy.ts";
export { type R2Credentials, type R2Server, type R2ServerOptions, startR2 } from "./r2/r2-server.ts";
export type { ThrowawayOptions } from "./server-kind.ts";
export {
  mysqlServer,
  mysqlUnavailable,
  type Need,
  postgresServer,
  postgresUnavailable,
  startMysql,
  startPostgres,
} from "./servers.ts";
export type { AnswerFault, Fault, Faults, StorageRequest, TimerClock } from "./storage-proxy/fault.ts";
export { StorageProxy, type StorageTarget, startStorageProxy } from "./storage-proxy/storage-proxy.ts";
export type { TestDatabase, TestServer } from "./test-server.ts";
export type { ThrowawayServer } from "./throwaway-server.ts";
export { type NodeRun, testUnderNode } from "./under-node.ts";

/** Suite `mysql`: telepool on MySQL or MariaDB against mysql2, the mariadb connector and Bun.SQL, and against batches by hand. */

import type { Contest } from "../database-server/contest.ts";
import { measureServer } from "../database-server/server-suite.ts";
import { MYSQL_BATCHES } from "../mysql/mysql-batches.ts";
import { MYSQL_ENGINE } from "../mysql/mysql-engine.ts";
import { MYSQL_PEERS, MYSQL_UNPOOLED, MYSQL2, MYSQL2_WITH_SESSION } from "../mysql/mysql-peers.ts";
import type { SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";

const CONTEST: Contest = {
  suite: "mysql",
  engine: MYSQL_ENGINE,
  peers: MYSQL_PEERS,
  pool: MYSQL2,
  poolWithSession: MYSQL2_WITH_SESSION,
  unpooled: MYSQL_UNPOOLED,
  batches: MYSQL_BATCHES,
  goals: {
    insertVsBestPeer: 4,
    insertVsCeiling: 0.7,
    getVsBestPeer: 2,
    insert1VsPool: 0.9,
    pooledVsUnpooled: 75, // the brief's 1.8 s to its 24 ms
  },
  claims: { insertsPerSecond: 41_000, latencyMs: 2.8, thousandInsertsMs: 24 },
};

/** Measures the suite. */
export function mysqlSuite(options: SuiteOptions): Promise<SuiteOutcome> {
  return measureServer(CONTEST, options);
}

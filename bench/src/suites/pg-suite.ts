/** Suite `pg`: telepool on PostgreSQL against pg, postgres.js and Bun.SQL, and against batches by hand. */

import type { Contest } from "../database-server/contest.ts";
import { measureServer } from "../database-server/server-suite.ts";
import { PG_BATCHES } from "../pg/pg-batches.ts";
import { PG_ENGINE } from "../pg/pg-engine.ts";
import { PG_PEERS, PG_POOL, PG_POOL_WITH_SESSION, PG_UNPOOLED } from "../pg/pg-peers.ts";
import type { SuiteOutcome } from "../report.ts";
import type { SuiteOptions } from "../suite.ts";

const CONTEST: Contest = {
  suite: "pg",
  engine: PG_ENGINE,
  peers: PG_PEERS,
  pool: PG_POOL,
  poolWithSession: PG_POOL_WITH_SESSION,
  unpooled: PG_UNPOOLED,
  batches: PG_BATCHES,
  goals: {
    insertVsBestPeer: 3.5,
    insertVsCeiling: 0.7,
    getVsBestPeer: 2,
    insert1VsPool: 0.9,
    pooledVsUnpooled: 66.7, // the brief's 1.2 s to its 18 ms
  },
  claims: { insertsPerSecond: 55_000, latencyMs: 2.1, thousandInsertsMs: 18 },
};

/** Measures the suite. */
export function pgSuite(options: SuiteOptions): Promise<SuiteOutcome> {
  return measureServer(CONTEST, options);
}

/** What a suite on a database server consists of, and how much of everything it does. */
import type { Engine } from "./engine.ts";
import type { Entrant, ReadingWriter } from "./entrant.ts";
import type { RawForm } from "./raw-batches.ts";

/** Telepool's opponents on one kind of server, and what is expected of it. */
export interface Contest {
  readonly suite: string;
  readonly engine: Engine;
  readonly peers: readonly Entrant<ReadingWriter>[];
  /** The peer with whom a caller that goes alone is compared: it writes the profile and nothing else. */
  readonly pool: Entrant;
  /** The same pool doing what telepool does: profile and session in a transaction. */
  readonly poolWithSession: Entrant;
  /** A connection for every row. */
  readonly unpooled: Entrant;
  readonly batches: readonly RawForm[];
  readonly goals: Goals;
  readonly claims: Claims;
}

/** The least that the ratios may be. */
export interface Goals {
  readonly insertVsBestPeer: number;
  readonly insertVsCeiling: number;
  readonly getVsBestPeer: number;
  readonly insert1VsPool: number;
  readonly pooledVsUnpooled: number;
}

/** What the original brief says of this kind of database; nobody has measured it. */
export interface Claims {
  readonly insertsPerSecond: number;
  readonly latencyMs: number;
  readonly thousandInsertsMs: number;
}

/** How much of everything. */
export interface Size {
  readonly rounds: number;
  readonly rows: number;
  readonly singleRows: number;
  readonly unpooledRows: number;
  readonly reads: number;
  /** On how many connections raw batches are tried. */
  readonly rawConnections: readonly number[];
}

export const FULL: Size = {
  rounds: 7,
  rows: 40_000,
  singleRows: 2000,
  unpooledRows: 200,
  reads: 20_000,
  rawConnections: [1, 2, 4],
};

export const QUICK: Size = {
  rounds: 3,
  rows: 5000,
  singleRows: 300,
  unpooledRows: 40,
  reads: 5000,
  rawConnections: [2],
};

/** How many places in the program call at once. */
export const CALLERS = 1000;

/** What the suites have to know of a kind of database server, beside how rows are written to it. */
import type { DatabaseKind, ThrowawayServer } from "@telepool/test-servers";

/** A kind of database server. */
export interface Engine {
  readonly kind: DatabaseKind;
  /** Why none can be started here, in one line. */
  unavailable(): string | undefined;
  /** Starts one that is as durable and as large as it comes, unlike those for tests. */
  start(): Promise<ThrowawayServer>;
  connect(url: string): Promise<Administrator>;
  /** What of the server's settings lets it lose commits when the machine dies, in one line. */
  weakness(administrator: Administrator): Promise<string | undefined>;
  /** Removes a database, also while there are connections to it. */
  drop(administrator: Administrator, database: string): Promise<void>;
  /** Statements that empty telepool's tables, and let nothing of what was written before be done later. */
  readonly emptying: readonly string[];
  /** Says as `stored` how many profiles are stored with an object as their JSON. */
  readonly counting: string;
}

/** A connection beside those that are measured. */
export interface Administrator {
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

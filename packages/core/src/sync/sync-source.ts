/** What a store offers to what copies it: its changes, its tables, and the record of the copy. */
import type { Clock } from "../clock.ts";
import type { Driver } from "../driver/driver.ts";
import { countRows, type TableName } from "../store/raw-rows.ts";
import type { StoredListener } from "../store/stored-rows.ts";
import type { TelemetryRepository } from "../store/telemetry-repository.ts";
import type { StoreStats } from "../store-stats.ts";
import { ChangeFeed } from "./change-feed.ts";
import type { SyncTables } from "./change-tables.ts";
import { CopyLedger } from "./copy-ledger.ts";
import { CopyNotes } from "./copy-notes.ts";
import { TableScan } from "./table-scan.ts";

/** Rows that are read at once where the database is in this process, whose event loop they hold; and elsewhere. */
const NEAR_ROWS = 250;
const FAR_ROWS = 1000;

/** A store that is open, as its copy sees it. */
export interface SyncSource {
  /** The kind of database. */
  readonly driver: string;
  /** Where the data is, without secrets. */
  readonly location: string;
  readonly changes: ChangeFeed;
  readonly ledger: CopyLedger;
  readonly notes: CopyNotes;
  readonly tables: TableScan;
  /** How many rows are read at once. */
  readonly pageRows: number;
  readonly clock: Clock;
  /** How many rows a table has; the database may look at all of them. */
  count(table: TableName): Promise<number>;
  stats(): StoreStats;
  onStored(listener: StoredListener): () => void;
}

/** What a source is made of. */
export interface SyncSourceDeps {
  readonly driver: Driver;
  readonly repository: TelemetryRepository;
  readonly clock: Clock;
  stats(): StoreStats;
  onStored(listener: StoredListener): () => void;
}

export function syncSource({ driver, repository, clock, stats, onStored }: SyncSourceDeps): SyncSource {
  const { dialect, capabilities } = driver;
  const db = repository.exactNow<SyncTables>();
  const tables = repository.exactNow();
  const pageRows = capabilities.inProcess ? NEAR_ROWS : FAR_ROWS;
  return {
    driver: driver.name,
    location: driver.location,
    changes: new ChangeFeed(db, dialect),
    ledger: new CopyLedger(db, dialect),
    notes: new CopyNotes(db),
    tables: new TableScan(tables, dialect, pageRows),
    pageRows,
    clock,
    count: (table) => countRows(repository.exact, table),
    stats,
    onStored,
  };
}

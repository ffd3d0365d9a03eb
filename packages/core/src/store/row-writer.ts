/**
 * Writing rows of either kind. Everything that a store writes of profiles and events goes through here, so this is where
 * rows are counted and listeners told: right after the commit, before the callers are.
 */
import type { Kysely } from "kysely";
import type { CallContext, Watch } from "../call-timing.ts";
import type { Connections } from "../driver/connections.ts";
import type { DriverConnection, WriteReport } from "../driver/driver.ts";
import { abortedError } from "../errors.ts";
import type { IngestCounts } from "../metrics/ingest-counts.ts";
import type { RawRow } from "./raw-rows.ts";
import type { RowKind, RowTable } from "./row-kind.ts";
import type { StoredListeners } from "./stored-listeners.ts";
import type { TelemetryTables } from "./tables.ts";
import { writeSurely } from "./write-surely.ts";

/** Rows in one statement of a transaction with many: after each the event loop turns. */
const CHUNK_ROWS = 1000;

/** Who learns what was written. */
export interface WriteWatchers {
  readonly listeners: StoredListeners;
  readonly ingest: IngestCounts;
}

/** What writing rows works with. */
export interface RowWriterDeps extends WriteWatchers {
  readonly connections: Connections;
  /** Reads what was written, not what a replica has of it. */
  readonly written: Kysely<TelemetryTables>;
}

/** Writes rows, again when a connection is lost, and tells of those that are new. */
export class RowWriter {
  readonly #deps: RowWriterDeps;

  constructor(deps: RowWriterDeps) {
    this.#deps = deps;
  }

  /** Stores rows in one transaction of the driver's own. */
  write<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    watch: Watch | undefined,
  ): Promise<WriteReport> {
    return this.#write(kind, rows, (connection) => kind.write(connection, rows), watch);
  }

  /** Stores any number of rows in a single transaction, in chunks between which the event loop turns. */
  writeAtomically<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    { signal, watch }: CallContext,
  ): Promise<WriteReport> {
    const write = async (connection: DriverConnection): Promise<WriteReport> => {
      if (signal?.aborted) throw abortedError(signal, "the write");
      if (rows.length <= CHUNK_ROWS) return await kind.write(connection, rows);
      await connection.begin();
      try {
        const report = await writeChunks(kind, connection, rows, signal);
        await connection.commit();
        return report;
      } catch (error) {
        await rollBackQuietly(connection);
        throw error;
      }
    };
    return this.#write(kind, rows, write, watch);
  }

  async #write<T extends RowTable>(
    kind: RowKind<T>,
    rows: readonly RawRow<T>[],
    write: Parameters<typeof writeSurely<T>>[2],
    watch: Watch | undefined,
  ): Promise<WriteReport> {
    const { connections, written, listeners, ingest } = this.#deps;
    const report = await writeSurely({ connections, written, table: kind.table }, rows, write, watch);
    ingest.add(kind.name, "stored", rows.length - report.duplicates.length);
    ingest.add(kind.name, "duplicate", report.duplicates.length);
    listeners.tell(kind, rows, report);
    return report;
  }
}

/** After an error, which is the one to tell; what could not be rolled back is so when the connection comes back to its pool. */
async function rollBackQuietly(connection: DriverConnection): Promise<void> {
  try {
    if (!connection.isBroken()) await connection.rollback();
  } catch {
    // the pool resets the connection, or destroys it
  }
}

async function writeChunks<T extends RowTable>(
  kind: RowKind<T>,
  connection: DriverConnection,
  rows: readonly RawRow<T>[],
  signal: AbortSignal | undefined,
): Promise<WriteReport> {
  const duplicates: number[] = [];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    if (signal?.aborted) throw abortedError(signal, "the write");
    const report = await kind.write(connection, rows.slice(start, start + CHUNK_ROWS));
    for (const position of report.duplicates) duplicates.push(start + position);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { duplicates };
}

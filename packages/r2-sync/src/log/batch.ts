/** Collects changes into what one object of the log holds: the state of every row that they are about. */
import type { SyncedRows } from "@telepool/core";
import type { Change, RawRow, SyncSource, TableName } from "@telepool/core/sync";
import type { LineBuffer, LineBuffers } from "./line-buffer.ts";
import { deletedLine, eventLine, profileLine, sessionLine } from "./row-lines.ts";

/** Rows that are read beyond those that seem to fit. */
const SPARE_ROWS = 10;

/** How much goes into an object. */
export interface BatchLimits {
  /** About how many bytes of rows, before they are compressed. */
  readonly maxBytes: number;
  /** Lends the memory for it. */
  readonly buffers: LineBuffers;
}

/** What an object will hold. */
export interface Batch {
  /** Nothing in it is of a later time: milliseconds since 1970. */
  readonly readAt: number;
  /** The state of each row; of a row that changed meanwhile also an earlier one before it. */
  readonly lines: LineBuffer;
  readonly rows: SyncedRows;
  /** The numbers of the changes that it holds, in ascending order. */
  readonly changes: readonly number[];
}

/** The changes that there are when this begins, in batches; the last may hold some that came later. */
export async function* batches(
  source: SyncSource,
  limits: BatchLimits,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, undefined> {
  const upTo = (await source.changes.last()) ?? 0;
  const pages = new Pages(source);
  for (let after = 0; after < upTo; ) {
    const batch = await collectBatch(source, pages, after, upTo, limits, signal);
    if (batch === undefined) return;
    yield batch;
    after = batch.changes.at(-1) ?? upTo;
  }
}

/** Collects the changes behind a number, up to a page that reaches the other; `undefined` when there are none. */
async function collectBatch(
  source: SyncSource,
  pages: Pages,
  after: number,
  upTo: number,
  { maxBytes, buffers }: BatchLimits,
  signal: AbortSignal | undefined,
): Promise<Batch | undefined> {
  const collecting = new Collecting(buffers.take());
  for (let from = after; from < upTo && collecting.bytes < maxBytes; ) {
    signal?.throwIfAborted();
    const page = await pages.behind(from, maxBytes - collecting.bytes);
    const last = page.at(-1);
    if (last === undefined) break;
    from = last.seq;
    collecting.add(page);
    await new Promise<void>((resolve) => setImmediate(resolve)); // others get their turn
  }
  const { lines, changes } = collecting;
  if (changes.length === 0) return undefined;
  const rows = await collecting.finish(source);
  return { lines, rows, changes, readAt: source.clock.wallMs() };
}

/** Reads pages with about as many rows as fit, by how large the rows of the page before were: what does not fit is read again. */
class Pages {
  readonly #source: SyncSource;
  #bytesPerChange = 1;

  constructor(source: SyncSource) {
    this.#source = source;
  }

  async behind(after: number, maxBytes: number): Promise<readonly Change[]> {
    const { changes, pageRows } = this.#source;
    const maxRows = Math.min(pageRows, Math.ceil(maxBytes / this.#bytesPerChange) + SPARE_ROWS);
    const page = await changes.page({ after, maxRows, maxBytes });
    if (page.length > 0) this.#bytesPerChange = page.reduce((sum, { bytes }) => sum + bytes, 0) / page.length;
    return page;
  }
}

class Collecting {
  readonly changes: number[] = [];
  readonly lines: LineBuffer;
  /** About how many bytes the rows have. */
  bytes = 0;
  readonly #rows = { profiles: 0, events: 0, sessions: 0, deleted: 0 };
  /** Rows that were not found when their change was last seen. */
  readonly #gone = { profiles: new Set<string>(), analytics: new Set<string>() };
  readonly #sessions = new Set<string>();

  constructor(lines: LineBuffer) {
    this.lines = lines;
  }

  /** Adds a page. An update is noted twice: what stands there again on the same page is the same row, read at the same time. */
  add(page: readonly Change[]): void {
    let last: Change | undefined;
    for (const change of page) {
      this.changes.push(change.seq);
      this.bytes += change.bytes;
      if (change.id !== last?.id || change.table !== last.table) this.#addRow(change);
      last = change;
    }
  }

  #addRow(change: Change): void {
    if (change.table === "sessions") this.#sessions.add(change.id);
    else if (change.row === undefined) this.#gone[change.table].add(change.id);
    else if (change.table === "profiles") this.#addProfile(change.row);
    else this.#addEvent(change.row);
  }

  #addProfile(row: RawRow<"profiles">): void {
    this.lines.add(profileLine(row));
    this.#rows.profiles++;
    this.#gone.profiles.delete(row.id);
    this.#sessions.add(row.session);
  }

  #addEvent(row: RawRow<"analytics">): void {
    this.lines.add(eventLine(row));
    this.#rows.events++;
    this.#gone.analytics.delete(row.id);
  }

  /** Adds the sessions, and what is gone. */
  async finish(source: SyncSource): Promise<SyncedRows> {
    const goneSessions = new Set(this.#sessions);
    for (const session of await source.changes.sessions([...this.#sessions])) {
      goneSessions.delete(session.id);
      this.lines.add(sessionLine(session));
      this.#rows.sessions++;
    }
    this.#delete("profiles", this.#gone.profiles);
    this.#delete("analytics", this.#gone.analytics);
    this.#delete("sessions", goneSessions);
    return this.#rows;
  }

  #delete(table: TableName, ids: ReadonlySet<string>): void {
    for (const id of ids) this.lines.add(deletedLine(table, id));
    this.#rows.deleted += ids.size;
  }
}

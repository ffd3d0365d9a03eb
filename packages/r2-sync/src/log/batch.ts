/** Collects changes into what one object of the log holds: the state of every row that they are about. */
import type { SyncedRows } from "@telepool/core";
import type { Change, RawRow, SyncSource, TableName } from "@telepool/core/sync";
import type { LineBuffer, LineBuffers } from "./line-buffer.ts";
import { deletedLine, eventLine, profileLine, sessionLine } from "./row-lines.ts";

/** Rows on the first page, of which nothing is known; the most of a page is then doubled as often as it is reached. */
const FIRST_ROWS = 32;
/** How many more rows are read than seem to fit. */
const SPARE = 1.1;

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
  /** The state of each row; of a row that is noted on several pages also those of the earlier ones before it. */
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

/** Reads pages with about as many rows as fit, by how large rows have been: what does not fit is read once more, and may be large. */
class Pages {
  readonly #source: SyncSource;
  #mostRows = FIRST_ROWS;
  #bytesPerChange = 1;

  constructor(source: SyncSource) {
    this.#source = source;
  }

  async behind(after: number, maxBytes: number): Promise<readonly Change[]> {
    const { changes, pageRows } = this.#source;
    const fitting = Math.ceil((maxBytes / this.#bytesPerChange) * SPARE);
    const maxRows = Math.min(fitting, this.#mostRows, pageRows);
    const page = await changes.page({ after, maxRows, maxBytes });
    if (maxRows === this.#mostRows) this.#mostRows *= 2;
    if (page.length > 0) this.#bytesPerChange = page.reduce((sum, { bytes }) => sum + bytes, 0) / page.length;
    return page;
  }
}

class Collecting {
  readonly changes: number[] = [];
  readonly lines: LineBuffer;
  /** About how many bytes the rows have, each as often as it is noted. */
  bytes = 0;
  readonly #rows = { profiles: 0, events: 0, sessions: 0, deleted: 0 };
  /** Rows that were not found when their change was last seen. */
  readonly #gone = { profiles: new Set<string>(), analytics: new Set<string>() };
  readonly #sessions = new Set<string>();

  constructor(lines: LineBuffer) {
    this.lines = lines;
  }

  /** Adds a page. A row that is noted several times on it is the same each time, read at the same time. */
  add(page: readonly Change[]): void {
    const seen = { profiles: new Set<string>(), analytics: new Set<string>(), sessions: this.#sessions };
    for (const change of page) {
      this.changes.push(change.seq);
      this.bytes += change.bytes;
      const ids = seen[change.table];
      if (!ids.has(change.id)) this.#addRow(change);
      ids.add(change.id);
    }
  }

  #addRow(change: Change): void {
    if (change.table === "sessions") return; // read at the end
    if (change.row !== undefined) {
      if (change.table === "profiles") this.#addProfile(change.row);
      else this.#addEvent(change.row);
    } else if (typeof change.id === "string") {
      this.#gone[change.table].add(change.id);
    } // a row of another program's with an id that is no text was never copied
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

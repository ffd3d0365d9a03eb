/** Collects changes into what one object of the log holds: the state of every row that they are about. */
import type { SyncedRows } from "@telepool/core";
import type { Change, RawRow, SyncSource, TableName } from "@telepool/core/sync";
import type { LineBuffer, LineBuffers } from "./line-buffer.ts";
import { deletedLine, eventLine, profileLine, sessionLine } from "./row-lines.ts";

/** Rows that are read beyond those that fit by what rows have had so far. */
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
  for (let after = 0; after < upTo; ) {
    const batch = await collectBatch(source, after, upTo, limits, signal);
    if (batch === undefined) return;
    yield batch;
    after = batch.changes.at(-1) ?? upTo;
  }
}

/** Collects the changes behind a number, up to a page that reaches the other; `undefined` when there are none. */
async function collectBatch(
  source: SyncSource,
  after: number,
  upTo: number,
  { maxBytes, buffers }: BatchLimits,
  signal: AbortSignal | undefined,
): Promise<Batch | undefined> {
  const collecting = new Collecting(buffers.take());
  for (let from = after; from < upTo && collecting.bytes < maxBytes; ) {
    signal?.throwIfAborted();
    const left = maxBytes - collecting.bytes;
    const maxRows = Math.min(source.pageRows, Math.ceil(left / collecting.bytesPerChange) + SPARE_ROWS);
    const page = await source.changes.page({ after: from, maxRows, maxBytes: left });
    const last = page.at(-1);
    if (last === undefined) break;
    from = last.seq;
    for (const change of page) collecting.add(change);
    await new Promise<void>((resolve) => setImmediate(resolve)); // others get their turn
  }
  const { lines, changes } = collecting;
  if (changes.length === 0) return undefined;
  const rows = await collecting.finish(source);
  return { lines, rows, changes, readAt: source.clock.wallMs() };
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
  #last: Change | undefined;

  constructor(lines: LineBuffer) {
    this.lines = lines;
  }

  /** About how many bytes a row has, as far as rows have been seen. */
  get bytesPerChange(): number {
    return Math.max(1, this.bytes / this.changes.length || 0);
  }

  add(change: Change): void {
    const isRepeated = this.#last?.id === change.id && this.#last.table === change.table; // an update has two notes
    this.#last = change;
    this.changes.push(change.seq);
    this.bytes += change.bytes;
    if (isRepeated) return;
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

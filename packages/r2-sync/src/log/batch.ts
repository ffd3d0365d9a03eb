/** Collects changes into what one object of the log holds: the state of every row that they are about. */
import type { SyncedRows } from "@telepool/core";
import type { SyncSource, TableName } from "@telepool/core/sync";
import type { LineBuffer, LineBuffers } from "./line-buffer.ts";
import { deletedLine, eventLine, profileLine, sessionLine } from "./row-lines.ts";

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
    const request = { after: from, maxRows: source.pageRows, maxBytes: maxBytes - collecting.bytes };
    const page = await source.changes.page(request);
    const last = page.changes.at(-1);
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

type Page = Awaited<ReturnType<SyncSource["changes"]["page"]>>;

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

  add({ changes, profiles, events }: Page): void {
    for (const { seq, table, id, bytes } of changes) {
      this.changes.push(seq);
      this.bytes += bytes;
      if (table === "sessions") this.#sessions.add(id);
      else this.#gone[table].add(id); // unless its row is found
    }
    for (const row of profiles) {
      this.lines.add(profileLine(row));
      this.#gone.profiles.delete(row.id);
      this.#sessions.add(row.session);
    }
    for (const row of events) {
      this.lines.add(eventLine(row));
      this.#gone.analytics.delete(row.id);
    }
    this.#rows.profiles += profiles.length;
    this.#rows.events += events.length;
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

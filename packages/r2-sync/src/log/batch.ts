/** Collects changes into what one object of the log holds: the state of every row that they are about, each once. */
import type { SyncedRows } from "@telepool/core";
import type { SyncSource } from "@telepool/core/sync";
import { deletedLine, eventLine, profileLine, sessionLine } from "./row-lines.ts";

/** How much goes into an object. */
export interface BatchLimits {
  /** About how many bytes of rows, before they are compressed. */
  readonly maxBytes: number;
}

/** What an object will hold. */
export interface Batch {
  /** Nothing in it is of a later time: milliseconds since 1970. */
  readonly readAt: number;
  readonly lines: readonly string[];
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
  { maxBytes }: BatchLimits,
  signal: AbortSignal | undefined,
): Promise<Batch | undefined> {
  const collecting = new Collecting();
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
  if (collecting.changes.length === 0) return undefined;
  const collected = await collecting.finish(source);
  return { ...collected, readAt: source.clock.wallMs(), changes: collecting.changes };
}

type Page = Awaited<ReturnType<SyncSource["changes"]["page"]>>;

class Collecting {
  readonly changes: number[] = [];
  /** About how many bytes the rows have. */
  bytes = 0;
  readonly #profiles = new Map<string, string>();
  readonly #events = new Map<string, string>();
  readonly #gone = { profiles: new Set<string>(), analytics: new Set<string>() };
  readonly #sessions = new Set<string>();

  add({ changes, profiles, events }: Page): void {
    for (const { seq, table, id, bytes } of changes) {
      this.changes.push(seq);
      this.bytes += bytes;
      if (table === "sessions") this.#sessions.add(id);
      else this.#gone[table].add(id); // unless its row is found
    }
    for (const row of profiles) {
      this.#profiles.set(row.id, profileLine(row));
      this.#gone.profiles.delete(row.id);
      this.#sessions.add(row.session);
    }
    for (const row of events) {
      this.#events.set(row.id, eventLine(row));
      this.#gone.analytics.delete(row.id);
    }
  }

  async finish(source: SyncSource): Promise<Pick<Batch, "lines" | "rows">> {
    // A row that was found on one page and was gone by the next is gone.
    for (const id of this.#gone.profiles) this.#profiles.delete(id);
    for (const id of this.#gone.analytics) this.#events.delete(id);
    const lines: string[] = [];
    const goneSessions = new Set(this.#sessions);
    for (const session of await source.changes.sessions([...this.#sessions])) {
      goneSessions.delete(session.id);
      lines.push(sessionLine(session));
    }
    const sessions = lines.length;
    for (const line of this.#profiles.values()) lines.push(line);
    for (const line of this.#events.values()) lines.push(line);
    const rows = { profiles: this.#profiles.size, events: this.#events.size, sessions };
    const kept = lines.length;
    for (const id of this.#gone.profiles) lines.push(deletedLine("profiles", id));
    for (const id of this.#gone.analytics) lines.push(deletedLine("analytics", id));
    for (const id of goneSessions) lines.push(deletedLine("sessions", id));
    return { lines, rows: { ...rows, deleted: lines.length - kept } };
  }
}

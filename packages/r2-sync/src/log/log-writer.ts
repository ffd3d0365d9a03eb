/**
 * Appends to the log. An object is put only if its number is free, so each number has one winner; the head moves, and changes are
 * forgotten, only after the object is known to be there. While an object travels the next one is compressed, and the rows of the
 * one after that are read.
 *
 * What is found under a number that should be free is ours when it was noted before it was put: its answer was lost, or the
 * process that put it has died. Then the head moves over it, and the changes are read again. Anything else was put by someone
 * who has another database: a copy of this one, or an older state of it. That ends the sync.
 */
import { TelepoolError } from "@telepool/core";
import { type CopyHead, type NextHead, readAhead, type SyncSource } from "@telepool/core/sync";
import type { Bucket } from "../bucket/bucket.ts";
import { GarbageCollecting } from "../collect-garbage.ts";
import type { CopyKeys } from "../copy/keys.ts";
import { replaced } from "../copy/replaced.ts";
import { type Batch, batches } from "./batch.ts";
import { LineBuffers } from "./line-buffer.ts";
import { encodeLogObject, type LogObject } from "./log-object.ts";

/** After so many bytes of rows the garbage is collected. */
const GARBAGE_BYTES = 32 * 1024 * 1024;

/** What a writer works with. */
export interface LogWriterDeps {
  readonly source: SyncSource;
  readonly bucket: Bucket;
  /** About how many bytes of rows go into an object, before they are compressed. */
  readonly maxBatchBytes: number;
}

/** One draining of the changes. */
export interface DrainOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told after each object that was put. */
  readonly onObject?: (object: LogObject) => void;
}

/** An object on its way. */
interface Flying {
  /** The head that it follows. */
  readonly from: CopyHead;
  readonly changes: readonly number[];
  readonly object: LogObject;
  readonly put: Promise<"stored" | "exists">;
}

/** Appends the changes of a store to its log. */
export class LogWriter {
  readonly #deps: LogWriterDeps;
  readonly #keys: CopyKeys;

  constructor(deps: LogWriterDeps, keys: CopyKeys) {
    this.#deps = deps;
    this.#keys = keys;
  }

  /**
   * Copies changes until there are none that were there when this began; gives back the head behind them.
   *
   * @throws TelepoolError `COPY_FENCED`, and what the bucket throws
   */
  async drain(head: CopyHead, options: DrainOptions = {}): Promise<CopyHead> {
    for (let current = head; ; ) {
      const reached = await this.#drain(current, options);
      if (reached !== undefined) return reached;
      const moved = await this.#deps.source.ledger.head();
      if (moved?.source !== head.source) throw replaced(); // whose log has other keys than these
      current = moved;
    }
  }

  /** The same, until the head is found to have moved by other hands: then what was read is of no use any more. */
  async #drain(head: CopyHead, { signal, onObject }: DrainOptions): Promise<CopyHead | undefined> {
    const { source, maxBatchBytes } = this.#deps;
    let last = head;
    let flying: Flying | undefined;
    const landed = async (next: LogObject | undefined): Promise<boolean> => {
      if (flying === undefined) {
        if (next !== undefined) await source.ledger.intend(next.header.sequence, next.sha256);
        return true;
      }
      const isOurs = await this.#land(flying, next, signal);
      if (isOurs) onObject?.(flying.object);
      return isOurs;
    };
    try {
      const buffers = new LineBuffers(maxBatchBytes);
      const garbage = new GarbageCollecting(GARBAGE_BYTES);
      for await (const batch of readAhead(batches(source, { maxBytes: maxBatchBytes, buffers }, signal))) {
        const object = await encodeBatch(last, batch);
        garbage.used(batch.lines.bytes);
        buffers.giveBack(batch.lines);
        if (!(await landed(object))) return undefined;
        signal?.throwIfAborted();
        flying = { from: last, changes: batch.changes, object, put: this.#put(object, signal) };
        flying.put.catch(() => undefined); // its error is met when it is waited for
        last = { source: last.source, ...headOf(object) };
      }
      if (!(await landed(undefined))) return undefined;
      // Who found nothing may have come after another process that moved the head, and must say where it is.
      const isStill = flying !== undefined || (await source.ledger.head())?.sequence === last.sequence;
      return isStill ? last : undefined;
    } catch (error) {
      await flying?.put.catch(() => undefined); // nothing is under way when this has ended
      throw error;
    }
  }

  #put({ header, content, metadata }: LogObject, signal: AbortSignal | undefined): Promise<"stored" | "exists"> {
    return this.#deps.bucket.put(this.#keys.log(header.sequence), content, { ifAbsent: true, metadata, signal });
  }

  /**
   * Moves the head over an object when it is there, and notes the next one as intended; false if the head has moved by other
   * hands, or only over an earlier object of ours.
   */
  async #land(
    { from, changes, object, put }: Flying,
    next: LogObject | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { ledger } = this.#deps.source;
    const found = (await put) === "stored" ? headOf(object) : await this.#found(object.header.sequence, signal);
    if (found?.sha256 === object.sha256) return await ledger.advance(from, found, changes, next?.sha256);
    if (found !== undefined) await ledger.advance(from, found, []); // its changes are still noted, and are read again
    return false;
  }

  /**
   * The object that is there already, if it came from this database; `undefined` if another process has moved the head over it.
   *
   * @throws TelepoolError `COPY_FENCED`
   */
  async #found(sequence: number, signal: AbortSignal | undefined): Promise<NextHead | undefined> {
    const { bucket, source } = this.#deps;
    const key = this.#keys.log(sequence);
    const there = await bucket.head(key, signal);
    const { sha256 = "", at = "" } = there?.metadata ?? {};
    const isIntended = await source.ledger.intended(sequence, sha256);
    // Asked after the intents, which are forgotten when the head moves.
    const head = await source.ledger.head();
    if (head !== undefined && head.sequence >= sequence) return undefined;
    const committedAt = Number(at);
    if (isIntended && Number.isSafeInteger(committedAt)) return { sequence, sha256, committedAt };
    throw new TelepoolError(
      "COPY_FENCED",
      `the bucket has an object ${key} that did not come from this database: a copy of it is being synced to the same place, or this is an older state of it. If this database is the right one, begin a new copy: telepool sync --new-copy`,
      { field: "sync.prefix" },
    );
  }
}

function encodeBatch(head: CopyHead, { readAt, lines, rows }: Batch): Promise<LogObject> {
  const header = {
    telepool: "log",
    version: 1,
    source: head.source,
    sequence: head.sequence + 1,
    previous: head.sha256,
    at: Math.max(readAt, head.committedAt),
    rows,
  } as const;
  return encodeLogObject(header, lines);
}

function headOf({ header, sha256 }: LogObject): NextHead {
  return { sequence: header.sequence, sha256, committedAt: header.at };
}

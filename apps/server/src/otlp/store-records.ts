/**
 * Stores the records of a request, some hundred at a time, so that a request never fills the queue by itself, the memory
 * holds few of them, and the event loop turns in between.
 *
 * A full queue refuses a request at its first rows. Once some are stored the rest waits for room: a client that is told
 * to come back would send all of them again.
 */
import { type AddResult, type CallTiming, type ErrorCode, isTelepoolError, type WriteOptions } from "@telepool/core";
import { DecodeBudget, MalformedError } from "./decoder.ts";
import type { RecordGroup } from "./record-groups.ts";

/** As many as the SDKs of OpenTelemetry send at once by default. */
const CHUNK_RECORDS = 512;
/** About how much the rows of a chunk may take; the last one may go beyond. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** About how much a value takes: as an object, and as a part of a row's JSON. */
const VALUE_BYTES = 100;
/** The most values in a record: attributes, elements of lists, events, links, buckets. */
const MAX_VALUES_IN_RECORD = 100_000;

const FIRST: WriteOptions = Object.freeze({ wait: false });
const LATER: WriteOptions = Object.freeze({ wait: true });

/** The errors that are one record's own fault. */
const RECORD_AT_FAULT: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "INVALID_PROFILE",
  "INVALID_TEXT",
  "ROW_TOO_LARGE",
  "CONSTRAINT_VIOLATED",
]);

/** What became of the records of a request. */
export interface StoredRecords {
  readonly stored: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Why records were rejected, each reason once, and how many there were for it. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** How records are stored. */
export interface StoringRecords {
  /** Is told where the time went. */
  readonly timing: CallTiming;
  /** The reason that the client is given for an error of the store. */
  readonly reasonOf: (error: unknown) => string;
}

/** @throws what the store says, if no record is at fault; those before it are stored then */
export async function storeRecords(groups: readonly RecordGroup[], tools: StoringRecords): Promise<StoredRecords> {
  let stored = 0;
  let duplicates = 0;
  let rejected = 0;
  const reasons = new Map<string, number>();
  for (const chunk of chunksOf(groups, tools.timing)) {
    for (const result of await Promise.allSettled(chunk)) {
      if (result.status === "fulfilled") {
        if (result.value.duplicate) duplicates++;
        else stored++;
      } else {
        const reason = reasonFor(result.reason, tools);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        rejected++;
      }
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { stored, duplicates, rejected, reasons };
}

/**
 * Why a record was rejected.
 *
 * @throws the error, when it is not the record's own
 */
function reasonFor(error: unknown, { reasonOf }: StoringRecords): string {
  if (error instanceof MalformedError) return error.message;
  if (isTelepoolError(error) && RECORD_AT_FAULT.has(error.code)) return reasonOf(error);
  throw error;
}

/** Begins to store records: some when a chunk is asked for, and more with the next one. */
function* chunksOf(
  groups: readonly RecordGroup[],
  timing: CallTiming,
): Generator<Promise<AddResult>[], void, undefined> {
  let options = FIRST;
  let chunk: Promise<AddResult>[] = [];
  let bytes = 0;
  for (const group of groups) {
    for (const record of group.records) {
      const budget = new DecodeBudget(MAX_VALUES_IN_RECORD);
      const isFirst = chunk.length === 0; // the others go with it, so that its time is that of them all
      chunk.push(group.store(record, budget, isFirst ? { ...options, timing } : options));
      bytes += group.sharedBytes + budget.values * VALUE_BYTES;
      if (chunk.length < CHUNK_RECORDS && bytes < CHUNK_BYTES) continue;
      yield chunk;
      options = LATER;
      chunk = [];
      bytes = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

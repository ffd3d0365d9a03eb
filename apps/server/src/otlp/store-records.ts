/**
 * Stores the records of a request, some hundred at a time, so that a request never fills the queue by itself and the
 * event loop turns in between.
 *
 * A full queue refuses a request at its first rows. Once some are stored the rest waits for room: a client that is told
 * to come back would send all of them again.
 */
import { type AddResult, type ErrorCode, isTelepoolError, type WriteOptions } from "@telepool/core";
import { HttpError } from "../http/http-error.ts";
import type { RecordGroup } from "./signals.ts";
import { MalformedError } from "./telemetry-value.ts";

/** As many as the SDKs of OpenTelemetry send at once by default. */
const CHUNK_RECORDS = 512;
/** Of what the rows of a chunk repeat; what is their own is bounded by the body. */
const CHUNK_SHARED_BYTES = 4 * 1024 * 1024;
/** Of what all rows of a request repeat: a body of some KiB could otherwise become any number of GiB. */
export const MAX_SHARED_BYTES: number = 128 * 1024 * 1024;

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
  /** Waits for the store. */
  readonly wait: <T>(work: Promise<T>) => Promise<T>;
  /** The reason that the client is given for an error of the store. */
  readonly reasonOf: (error: unknown) => string;
}

/**
 * @throws HttpError 413 when the rows would repeat too much
 * @throws what the store says, if no record is at fault; those before it are stored then
 */
export async function storeRecords(groups: readonly RecordGroup[], tools: StoringRecords): Promise<StoredRecords> {
  const sharedBytes = groups.reduce((sum, group) => sum + group.sharedBytes * group.records.length, 0);
  if (sharedBytes > MAX_SHARED_BYTES) {
    const text = `every row repeats its resource and scope, which is ${sharedBytes} bytes in all, of at most ${MAX_SHARED_BYTES}; send fewer records at once, or smaller resources`;
    throw new HttpError(413, "BODY_TOO_LARGE", text);
  }
  let stored = 0;
  let duplicates = 0;
  const reasons = new Map<string, number>();
  let options = FIRST;
  for (const chunk of chunksOf(groups)) {
    const settled = await tools.wait(Promise.allSettled(chunk.map((store) => store(options))));
    let failure: PromiseRejectedResult | undefined;
    for (const result of settled) {
      if (result.status === "fulfilled") {
        if (result.value.duplicate) duplicates++;
        else stored++;
      } else {
        const reason = reasonFor(result.reason, tools);
        if (reason === undefined) failure ??= result;
        else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    if (failure !== undefined) throw failure.reason;
    options = LATER;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const rejected = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  return { stored, duplicates, rejected, reasons };
}

/** Why a record was rejected; undefined for an error that is not its own. */
function reasonFor(error: unknown, { reasonOf }: StoringRecords): string | undefined {
  if (error instanceof MalformedError) return error.message;
  return isTelepoolError(error) && RECORD_AT_FAULT.has(error.code) ? reasonOf(error) : undefined;
}

type StoreOne = (options: WriteOptions) => Promise<AddResult>;

function* chunksOf(groups: readonly RecordGroup[]): Generator<StoreOne[], void, undefined> {
  let chunk: StoreOne[] = [];
  let bytes = 0;
  for (const group of groups) {
    for (const record of group.records) {
      chunk.push((options) => group.store(record, options));
      bytes += group.sharedBytes;
      if (chunk.length < CHUNK_RECORDS && bytes < CHUNK_SHARED_BYTES) continue;
      yield chunk;
      chunk = [];
      bytes = 0;
    }
  }
  if (chunk.length > 0) yield chunk;
}

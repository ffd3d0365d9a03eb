/**
 * Reads a request and stores its records.
 *
 * It is first read as far as its records, all of it, so that a body that is damaged is refused as a whole with nothing
 * stored. The records themselves are read one by one as they are stored.
 */
import type { Context } from "hono";
import type { RouteDeps } from "../app-deps.ts";
import { HttpError } from "../http/http-error.ts";
import { answerTo } from "../http/problem.ts";
import { timingOf } from "../observability/server-timing.ts";
import { DecodeBudget, type Decoder, MalformedError, TooMuchError } from "./decoder.ts";
import { jsonDecoder } from "./json-decoder.ts";
import type { OtlpType } from "./otlp-answer.ts";
import { GROUPS, type RecordGroup } from "./record-groups.ts";
import type { Signal } from "./signals.ts";
import { type StoredRecords, storeRecords } from "./store-records.ts";

/** The most records in one request. */
const MAX_RECORDS = 50_000;
/** The most values in what is read at once of a request: everything but its records. */
const MAX_VALUES_AROUND_RECORDS = 250_000;
/** Of what all rows of a request repeat: a body of some KiB could otherwise become any number of GiB. */
const MAX_SHARED_BYTES = 128 * 1024 * 1024;

/** A request, as it came. */
export interface OtlpRequest {
  readonly body: Uint8Array;
  readonly type: OtlpType;
  readonly signal: Signal;
}

/** What became of it. */
export interface Taken {
  readonly outcome: StoredRecords;
  /** What the client should know although nothing was rejected. */
  readonly warning: string | undefined;
}

/**
 * Takes a request in.
 *
 * @throws HttpError 400 or 413, or what the store says
 */
export async function takeIn(c: Context, request: OtlpRequest, deps: RouteDeps): Promise<Taken> {
  const decoder = request.type === "json" ? jsonDecoder : (await import("./protobuf.ts")).protobufDecoder;
  const { groups, warning } = takeApart(request, decoder, deps);
  const outcome = await storeRecords(groups, {
    timing: timingOf(c),
    reasonOf: (error) => answerTo(c, error, deps.log).detail,
  });
  return { outcome, warning };
}

/** @throws HttpError 400 or 413 */
function takeApart({ body, type, signal }: OtlpRequest, decoder: Decoder, { store }: RouteDeps) {
  try {
    const encoded = decoder.open(body);
    const budget = new DecodeBudget(MAX_VALUES_AROUND_RECORDS, MAX_RECORDS);
    const groups = limited(GROUPS[signal.path](encoded, decoder, budget, store));
    return { groups, warning: type === "json" ? warningFor(encoded, signal) : undefined };
  } catch (error) {
    if (error instanceof TooMuchError)
      throw new HttpError(413, "BODY_TOO_LARGE", `the body cannot be taken: ${error.message}`);
    if (!(error instanceof MalformedError)) throw error;
    const code = type === "json" ? "INVALID_JSON" : "INVALID_PROTOBUF";
    throw new HttpError(400, code, `the body cannot be read: ${error.message}`);
  }
}

/** @throws TooMuchError as soon as the rows would repeat too much: to measure it takes time, too */
function limited(groups: Iterable<RecordGroup>): RecordGroup[] {
  const all: RecordGroup[] = [];
  let bytes = 0;
  for (const group of groups) {
    bytes += group.sharedBytes * group.records.length;
    if (bytes > MAX_SHARED_BYTES) {
      const most = `more than ${MAX_SHARED_BYTES} bytes in all`;
      throw new TooMuchError(
        `every row repeats its resource and scope, which is ${most}; send fewer records at once, or smaller resources`,
      );
    }
    all.push(group);
  }
  return all;
}

/** Fields that are not known must be ignored, and so a body for another path looks like an empty one. */
function warningFor(encoded: unknown, { requestField, path }: Signal): string | undefined {
  const fields = Object.keys(encoded as object); // `groups` has read it
  const isOther = fields.length > 0 && !fields.includes(requestField);
  return isOther ? `the body has no ${requestField}, which is what ${path} takes: nothing was stored` : undefined;
}
